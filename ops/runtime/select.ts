/**
 * The choice of a backend. wasm is at hand, since it is used wherever it is there; the others, threads
 * and gpu.js are only loaded where they are needed.
 *
 * @module
 */
import type { Backend, Executor } from "./executor.ts";
import { loadGpu } from "./gpu/library.ts";
import { createWasmExecutor, type WasmSettings } from "./wasm/executor.ts";
import { missingWasm } from "./wasm/support.ts";
import type { Stock } from "./wasm/link.ts";
import type { Threads } from "./wasm/threads.ts";
import { findAdapter } from "./webgpu/adapter.ts";

/** One backend: why it cannot be used, if so, and how it is made. */
interface Candidate {
  missing(asked: "named" | "auto"): string | undefined | Promise<string | undefined>;
  create(settings: WasmSettings): Promise<Created>;
}

/** An executor, and what of the settings it has to do without. */
interface Created {
  readonly executor: Executor;
  readonly without?: string;
}

const CANDIDATES: Readonly<Record<Backend, Candidate>> = {
  webgpu: {
    async missing(asked) {
      const adapter = await findAdapter();
      if ("missing" in adapter) return adapter.missing;
      // On a software adapter the same processor does the work, by a longer way than wasm's.
      return asked === "auto" && adapter.software
        ? `${adapter.name} is a software adapter`
        : undefined;
    },
    async create({ stock = false }) {
      if (stock) {
        const { createStockWebGpuExecutor } = await import("./webgpu/stock/executor.ts");
        return { executor: await createStockWebGpuExecutor(await loadGpu()) };
      }
      const { createWebGpuExecutor } = await import("./webgpu/executor.ts");
      return { executor: await createWebGpuExecutor() };
    },
  },
  webgl2: {
    async missing(asked) {
      const { findContext } = await import("./webgl2/context.ts");
      const context = findContext();
      if ("missing" in context) return context.missing;
      const { WebGL2Kernel } = await loadGpu();
      if (!(WebGL2Kernel.isSupported && WebGL2Kernel.features.isFloatRead)) {
        return "gpu.js cannot read floats from this WebGL2";
      }
      return asked === "auto" && context.software
        ? `${context.name} is a software renderer`
        : undefined;
    },
    async create() {
      const { createWebGl2Executor } = await import("./webgl2/executor.ts");
      return { executor: createWebGl2Executor(await loadGpu()) };
    },
  },
  wasm: {
    missing: () => missingWasm(false),
    async create(settings) {
      const { threads = 1, stock = false } = settings;
      const opened = threads > 1 ? await threadsOf(threads) : {};
      const byGpuJs = stock ? await openStock() : undefined;
      const executor = createWasmExecutor(settings, opened.threads, byGpuJs);
      return { executor, ...(opened.missing !== undefined && { without: opened.missing }) };
    },
  },
  cpu: {
    missing: () => missingEvaluation(),
    async create() {
      const { createCpuExecutor } = await import("./cpu/executor.ts");
      return { executor: createCpuExecutor(await loadGpu()) };
    },
  },
};

/** Threads, or why there are none. */
async function threadsOf(count: number): Promise<{ threads?: Threads; missing?: string }> {
  const missing = missingWasm(true);
  if (missing !== undefined) return { missing };
  const { openThreads } = await import("./wasm/threads.ts");
  return await openThreads(count);
}

/** gpu.js, for all kernels. */
async function openStock(): Promise<Stock> {
  const { openStock } = await import("./wasm/stock_steps.ts");
  return openStock(await loadGpu());
}

/** Why code cannot be made from strings here, if so; a page's policy may forbid it. */
function missingEvaluation(): string | undefined {
  try {
    new Function("");
    return undefined;
  } catch (error) {
    return `code from strings is refused: ${messageOf(error)}`;
  }
}

/** An executor, and why faster backends were passed over, or it has no threads. */
export interface Selection {
  readonly executor: Executor;
  readonly skipped: readonly string[];
}

/** The executor of a backend that was asked for by name. */
export async function createExecutor(
  backend: Backend,
  settings: WasmSettings = {},
): Promise<Executor> {
  const missing = await CANDIDATES[backend].missing("named");
  if (missing !== undefined) throw unavailable(backend, missing);
  const { executor, without } = await CANDIDATES[backend].create(settings).catch((error) => {
    throw unavailable(backend, messageOf(error));
  });
  if (without === undefined) return executor;
  await executor.dispose();
  throw unavailable(backend, without);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unavailable(backend: Backend, reason: string): Error {
  return new Error(
    `Cannot create runtime: backend must be available, got "${backend}": ${reason}`,
  );
}

/**
 * The fastest backend that is there and is worth it; with a graphics card, wasm beside it, for the plans
 * that it ends sooner.
 */
export async function selectExecutor(settings: WasmSettings): Promise<Selection> {
  const skipped: string[] = [];
  const webgpu = await opened("webgpu", settings, skipped);
  const wasm = await opened("wasm", settings, skipped);
  if (webgpu !== undefined && wasm !== undefined && settings.stock !== true) {
    const { createAutoExecutor } = await import("./auto/executor.ts");
    return { executor: createAutoExecutor({ wasm, webgpu }), skipped };
  }
  if (webgpu !== undefined) {
    await wasm?.dispose();
    return { executor: webgpu, skipped };
  }
  const executor = wasm ?? await opened("webgl2", settings, skipped) ??
    await opened("cpu", settings, skipped);
  if (executor !== undefined) return { executor, skipped };
  throw new Error(`Cannot create runtime: a backend must be available, got ${skipped.join("; ")}`);
}

/** The executor of a backend, unless "auto" has to pass it over, for a reason that it notes. */
async function opened(
  backend: Backend,
  settings: WasmSettings,
  skipped: string[],
): Promise<Executor | undefined> {
  const { missing, create } = CANDIDATES[backend];
  try {
    const reason = await missing("auto");
    if (reason === undefined) {
      const { executor, without } = await create(settings);
      if (without !== undefined) skipped.push(`threads: ${without}`);
      return executor;
    }
    skipped.push(`${backend}: ${reason}`);
  } catch (error) {
    skipped.push(`${backend}: ${messageOf(error)}`);
  }
  return undefined;
}
