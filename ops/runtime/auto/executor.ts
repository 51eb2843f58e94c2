/**
 * The executor of "auto" where there is a graphics card: wasm and webgpu, each plan on the one where
 * it is estimated to end first.
 *
 * @module
 */
import type { Executor } from "../executor.ts";
import { Choice, type Pair } from "./choice.ts";
import { AutoExecutable, type Log } from "./executable.ts";

/**
 * Joins two executors, which end with it.
 *
 * @param choice Another way to choose, for tests.
 */
export function createAutoExecutor(pair: Pair, choice: Choice = new Choice(pair)): Executor {
  const { wasm, webgpu } = pair;
  const log: Log = { runs: { wasm: 0, webgpu: 0 }, estimates: new Map() };
  return {
    backend: "auto",
    device: `${webgpu.device} and ${wasm.device}`,
    get bytes() {
      return wasm.bytes + webgpu.bytes;
    },
    get runs() {
      return log.runs;
    },
    get traffic() {
      return webgpu.traffic ?? { up: 0, down: 0 };
    },
    get estimates() {
      return [...log.estimates].map(([{ kernels }, estimate]) => ({ kernels, ...estimate }));
    },
    compile: (program) => new AutoExecutable(program, pair, choice, log),
    allocate: (length) => wasm.allocate!(length),
    release: (data) => wasm.release!(data),
    keeps: (data) => wasm.keeps!(data),
    upload: (data) => webgpu.upload!(data),
    holds: (data) => webgpu.holds!(data),
    async dispose() {
      try {
        await webgpu.dispose();
      } finally {
        await wasm.dispose();
      }
    },
  };
}
