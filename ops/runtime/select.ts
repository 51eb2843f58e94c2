import { createCpuExecutor } from "./cpu.ts";
import type { Executor } from "./executor.ts";
import { type GpuLibrary, loadGpu } from "./gpu.ts";
import { createWasmExecutor, type WasmSettings } from "./wasm/executor.ts";
import { missingThreads } from "./wasm/threads.ts";
import { findContext } from "./webgl2/context.ts";
import { createWebGl2Executor } from "./webgl2/executor.ts";
import { createWebGpuExecutor } from "./webgpu.ts";
import { findAdapter } from "./webgpu_device.ts";

/** The name of a backend. */
export type Backend = "webgpu" | "webgl2" | "wasm" | "cpu";

/** One backend: why it cannot be used, if so, and how it is made. */
interface Candidate {
  missing(
    library: GpuLibrary,
    asked: "named" | "auto",
    settings: WasmSettings,
  ): string | undefined | Promise<string | undefined>;
  create(library: GpuLibrary, settings: WasmSettings): Executor | Promise<Executor>;
}

/** The backends, fastest first: the order in which "auto" tries them. */
const CANDIDATES: Readonly<Record<Backend, Candidate>> = {
  webgpu: {
    async missing(_library, asked) {
      const adapter = await findAdapter();
      if ("missing" in adapter) return adapter.missing;
      // On a software adapter the same processor does the work, by a longer way than wasm's.
      return asked === "auto" && adapter.software
        ? `${adapter.name} is a software adapter`
        : undefined;
    },
    create: createWebGpuExecutor,
  },
  webgl2: {
    missing({ WebGL2Kernel }, asked) {
      const context = findContext();
      if ("missing" in context) return context.missing;
      if (!(WebGL2Kernel.isSupported && WebGL2Kernel.features.isFloatRead)) {
        return "gpu.js cannot read floats from this WebGL2";
      }
      return asked === "auto" && context.software
        ? `${context.name} is a software renderer`
        : undefined;
    },
    create: createWebGl2Executor,
  },
  wasm: {
    missing({ WebAssemblyKernel }, asked, { threads = 1 }) {
      if (!WebAssemblyKernel.isSupported) return "this runtime has no WebAssembly";
      return asked === "named" && threads > 1 ? missingThreads() : undefined;
    },
    create(library, settings) {
      const alone = missingThreads() !== undefined;
      return createWasmExecutor(library, alone ? { ...settings, threads: 1 } : settings);
    },
  },
  cpu: {
    missing: () => undefined,
    create: createCpuExecutor,
  },
};

/** The names of the backends, in the order in which "auto" tries them. */
export const BACKENDS: readonly Backend[] = Object.keys(CANDIDATES) as Backend[];

/** An executor, and why the faster backends were passed over. */
export interface Selection {
  readonly executor: Executor;
  readonly skipped: readonly string[];
}

/** The executor of a backend that was asked for by name. */
export async function createExecutor(
  backend: Backend,
  settings: WasmSettings = {},
): Promise<Executor> {
  const library = await loadGpu();
  const missing = await CANDIDATES[backend].missing(library, "named", settings);
  if (missing !== undefined) {
    throw new Error(
      `Cannot create runtime: backend must be available, got "${backend}": ${missing}`,
    );
  }
  return await CANDIDATES[backend].create(library, settings);
}

/** The fastest backend that is there and is worth it. */
export async function selectExecutor(settings: WasmSettings): Promise<Selection> {
  const library = await loadGpu();
  const skipped: string[] = [];
  for (const backend of BACKENDS) {
    const { missing, create } = CANDIDATES[backend];
    const reason = await missing(library, "auto", settings);
    if (reason === undefined) return { executor: await create(library, settings), skipped };
    skipped.push(`${backend}: ${reason}`);
  }
  throw new Error(`Cannot create runtime: a backend must be available, got ${skipped.join("; ")}`);
}
