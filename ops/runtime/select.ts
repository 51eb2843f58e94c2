/**
 * The choice of a backend.
 *
 * @module
 */
import { createAutoExecutor } from "./auto/executor.ts";
import { createCpuExecutor } from "./cpu/executor.ts";
import type { Backend, Executor } from "./executor.ts";
import { loadGpu } from "./gpu/library.ts";
import { createWasmExecutor, type WasmSettings } from "./wasm/executor.ts";
import { missingWasm } from "./wasm/support.ts";
import { openThreads, type Threads } from "./wasm/threads.ts";
import { findContext } from "./webgl2/context.ts";
import { createWebGl2Executor } from "./webgl2/executor.ts";
import { findAdapter } from "./webgpu/adapter.ts";
import { createWebGpuExecutor } from "./webgpu/executor.ts";
import { createStockWebGpuExecutor } from "./webgpu/stock/executor.ts";

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
    create: async ({ stock = false }) => ({
      executor: stock
        ? await createStockWebGpuExecutor(await loadGpu())
        : await createWebGpuExecutor(),
    }),
  },
  webgl2: {
    async missing(asked) {
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
    create: async () => ({ executor: createWebGl2Executor(await loadGpu()) }),
  },
  wasm: {
    missing: () => missingWasm(false),
    async create(settings) {
      const { threads = 1, stock = false } = settings;
      const opened = threads > 1 ? await threadsOf(threads) : {};
      const library = stock ? await loadGpu() : undefined;
      const executor = createWasmExecutor(settings, opened.threads, library);
      return { executor, ...(opened.missing !== undefined && { without: opened.missing }) };
    },
  },
  cpu: {
    missing: () => missingEvaluation(),
    create: async () => ({ executor: createCpuExecutor(await loadGpu()) }),
  },
};

/** Threads, or why there are none. */
async function threadsOf(count: number): Promise<{ threads?: Threads; missing?: string }> {
  const missing = missingWasm(true);
  return missing === undefined ? await openThreads(count) : { missing };
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
