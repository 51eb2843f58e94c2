/**
 * Opens runtimes for callers.
 *
 * @module
 */
import { checkArguments, checkFlag, checkKeys, type Keys, readable } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import { type Backend, BACKENDS } from "./executor.ts";
import type { GpuDevice } from "../tensor/types.ts";
import { DEFAULT_PLAN_LIMIT, openOnDevice, openRuntime } from "./open.ts";
import type { WebGpuDevice } from "./host/webgpu.ts";
import type { Runtime } from "./runtime.ts";

const OPTIONS: Keys<RuntimeOptions> = {
  backend: true,
  planLimit: true,
  deterministic: true,
  threads: true,
  compiler: true,
  device: true,
};
const COMPILERS: readonly string[] = ["kernorm", "gpu.js"];
const MAX_THREADS = 64;

/** Options for {@linkcode createRuntime}. */
export interface RuntimeOptions {
  /**
   * `"auto"` takes WebAssembly, and where there is a graphics card WebGPU beside it: each plan runs where
   * it is estimated to end first. Without either it takes WebGL2 on a graphics card, else plain
   * JavaScript.
   * A backend asked for by name is used or refused with the reason; nothing else takes its place.
   *
   * @default {"auto"}
   */
  readonly backend?: Backend | "auto";
  /**
   * How many compiled plans are kept; the least recently used go first. An integer from 1.
   *
   * @default {64}
   */
  readonly planLimit?: number;
  /**
   * Whether results are the same bits on every engine and machine: no relaxed multiply-add, which engines
   * and processors round once or twice. Runs on wasm; `backend` is `"wasm"` or `"auto"`.
   *
   * @default {false}
   */
  readonly deterministic?: boolean;
  /**
   * How many threads at most compute together on wasm, of which the calling one is the first; an
   * integer from 1 to 64. The results do not depend on it. Others help with GDN, its cotangents and
   * matrix products from 2^25 multiply-adds on, as many as are worth it and as there are processors
   * (which Node 20 does not tell); everything else is limited by memory, which threads share. They are
   * started when a call first wants them, which does not wait for them, and end with the runtime. Where
   * none can be started (a page without cross-origin isolation, or whose policy forbids workers),
   * `backend: "wasm"` is refused and `"auto"` does without, with the reason in `fallbackReasons`.
   *
   * @default {1}
   */
  readonly threads?: number;
  /**
   * What makes code of the kernels: this library's compilers where a backend has one, or `"gpu.js"`
   * throughout, which is slower, to compare with and for reports of errors. Each kernel is a gpu.js
   * kernel.
   *
   * @default {"kernorm"}
   */
  readonly compiler?: "kernorm" | "gpu.js";
  /**
   * A `GPUDevice` to run on, that of another library, say, whose buffers ops then take without a copy
   * (`fromGpuBuffer`). It stays yours: the runtime never destroys it, and gives back only buffers of its
   * own. `backend` is `"webgpu"` or `"auto"`.
   *
   * @default {a device of the runtime's own}
   */
  readonly device?: GpuDevice;
}

/**
 * Opens a runtime. Ops that are given none share one that is opened by the first of them, with
 * `backend: "auto"`, and lives as long as the program.
 *
 * A backend counts as available once what it needs has been granted: on wasm a module with SIMD
 * instructions, a memory and, if `threads` are asked for, a first thread; on cpu code from strings.
 * If a thread ends by itself later on, the calling thread does its share, and a later call starts
 * another one.
 *
 * @param options Which backend, how many compiled plans to keep, and how wasm computes.
 * @returns The runtime, to be passed to ops and disposed in the end.
 * @throws {TypeError} If the name of the backend is unknown, `deterministic` or `threads` are asked
 * of another backend than wasm, or `device` of another than webgpu or is none.
 * @throws {RangeError} If `planLimit` is not an integer from 1, or `threads` not one from 1 to 64.
 * @throws {Error} If the backend is not available, with the reason, or the device is lost.
 *
 * @example Usage
 * ```ts
 * import { createRuntime, layerNorm, tensor } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * await using runtime = await createRuntime({ backend: "cpu" });
 * await layerNorm(tensor([[1, 2, 3]]), {}, { center: false, scale: false, runtime });
 * assertEquals(runtime.stats().plansCompiled, 1);
 * ```
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  checkArguments("create runtime", arguments, 1);
  const {
    backend = "auto",
    planLimit = DEFAULT_PLAN_LIMIT,
    deterministic = false,
    threads = 1,
    compiler = "kernorm",
    device,
  } = checkKeys("create runtime", "options", options, OPTIONS);
  if (backend !== "auto" && !BACKENDS.includes(backend)) {
    throw new TypeError(
      `Cannot create runtime: backend must be one of auto, ${BACKENDS.join(", ")}, got ${
        shown(backend)
      }`,
    );
  }
  checkNumber("create runtime", "planLimit", planLimit, "count");
  checkFlag("create runtime", "deterministic", deterministic);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    throw new RangeError(
      `Cannot create runtime: threads must be an integer from 1 to ${MAX_THREADS}, got ${
        shown(threads)
      }`,
    );
  }
  if (!COMPILERS.includes(compiler)) {
    throw new TypeError(
      `Cannot create runtime: compiler must be one of ${COMPILERS.join(", ")}, got ${
        shown(compiler)
      }`,
    );
  }
  const stock = compiler === "gpu.js";
  if (stock && (deterministic || threads > 1)) {
    throw new TypeError(
      `Cannot create runtime: ${
        deterministic ? "deterministic" : "threads"
      } must go with compiler kernorm, got gpu.js`,
    );
  }
  const onWasm = deterministic ? "deterministic" : threads > 1 ? "threads" : undefined;
  if (onWasm !== undefined && backend !== "auto" && backend !== "wasm") {
    throw new TypeError(
      `Cannot create runtime: ${onWasm} must go with backend wasm or auto, got ${backend}`,
    );
  }
  if (device !== undefined) {
    checkDevice(device, { backend, stock, onWasm });
    return await openOnDevice(device, planLimit);
  }
  // Only wasm can promise the same bits.
  const chosen = deterministic ? "wasm" : backend;
  return await openRuntime(chosen, planLimit, { deterministic, threads, stock });
}

/** Checks a device, and that nothing else has been asked for that it cannot do. */
function checkDevice(
  device: GpuDevice,
  { backend, stock, onWasm }: {
    readonly backend: Backend | "auto";
    readonly stock: boolean;
    readonly onWasm: string | undefined;
  },
): void {
  const action = "create runtime";
  const other = backend !== "auto" && backend !== "webgpu"
    ? `go with backend webgpu or auto, got ${backend}`
    : stock
    ? "go with compiler kernorm, got gpu.js"
    : onWasm !== undefined
    ? `not go with ${onWasm}, which is wasm's, got both`
    : undefined;
  if (other !== undefined) throw new TypeError(`Cannot ${action}: device must ${other}`);
  const isDevice = readable(action, "device", () => {
    const { createBuffer, limits, lost, queue } = (device ?? {}) as Partial<WebGpuDevice>;
    return typeof createBuffer === "function" && typeof queue?.submit === "function" &&
      typeof lost?.then === "function" && limits !== undefined && limits.maxBufferSize > 0;
  });
  if (isDevice) return;
  throw new TypeError(`Cannot ${action}: device must be a GPUDevice, got ${shown(device)}`);
}
