/**
 * The wasm executor: plans compiled by the tile compiler, run over memory that tensors can live in.
 *
 * @module
 */
import type { Executor } from "../executor.ts";
import { Arena, Arenas } from "./arena.ts";
import { compilePlan, type CompilerOptions } from "./compiler/compile.ts";
import { WasmExecutable } from "./executable.ts";
import { GuardedArena } from "./guard.ts";
import type { Stock } from "./link.ts";
import { hasFusedMultiplyAdd } from "./support.ts";
import type { Threads } from "./threads.ts";

/** Settings of the executor. */
export interface WasmSettings {
  /** Only operations that IEEE 754 defines to the last bit: the same bits on every engine. */
  readonly deterministic?: boolean;
  /** How many threads share out each kernel; 1 is the calling thread alone. */
  readonly threads?: number;
  /** Whether all kernels are left to gpu.js' own code generator, to compare with. */
  readonly stock?: boolean;
  /** Another choice of tiles, for tests. */
  readonly tile?: CompilerOptions["tile"];
  /** Whether accesses outside of the blocks of memory are to be caught, for tests. */
  readonly guard?: boolean;
}

/**
 * Compiles programs to WebAssembly.
 *
 * @param threads What runs large plans; without, the calling thread does.
 * @param stock What takes the kernels that the compiler does not; without, they are errors.
 */
export function createWasmExecutor(
  { deterministic = false, stock: all = false, tile, guard = false }: WasmSettings = {},
  threads?: Threads,
  stock?: Stock,
): Executor {
  const arenas = new Arenas(threads !== undefined, guard ? GuardedArena : Arena);
  const fused = !deterministic && hasFusedMultiplyAdd();
  const options = { fused, stock: all, ...(tile && { tile }) };
  return {
    backend: "wasm",
    device: threads === undefined ? "WebAssembly" : `WebAssembly, ${threads.count} threads`,
    get bytes() {
      return arenas.bytes;
    },
    compile(program) {
      const plan = compilePlan(program, options);
      return new WasmExecutable(program, plan, arenas, stock, threads);
    },
    allocate: (length) => arenas.allocate(length),
    release: (data) => arenas.release(data),
    keeps: (data) => arenas.locate(data) !== undefined,
    async dispose() {
      threads?.end();
      await stock?.dispose();
    },
  };
}
