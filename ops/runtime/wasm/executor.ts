/**
 * The wasm executor: plans compiled by the tile compiler, run over memory that tensors can live in.
 *
 * @module
 */
import type { Program } from "../../plan/program.ts";
import type { Executor } from "../executor.ts";
import { Arena, Arenas } from "./arena.ts";
import { compilePlan, type CompilerOptions } from "./compiler/compile.ts";
import { WasmExecutable } from "./executable.ts";
import type { Stock } from "./link.ts";
import { Lending } from "./strips/lending.ts";
import { StripExecutable } from "./strips/executable.ts";
import { stripsOf, WINDOW } from "./strips/strips.ts";
import { hasRelaxedMultiplyAdd } from "./support.ts";
import type { Threads } from "./threads.ts";

/** Settings of the executor. */
export interface WasmSettings {
  /** Only operations that IEEE 754 defines to the last bit: the same bits on every engine. */
  readonly deterministic?: boolean;
  /** How many threads at most compute together; 1 is the calling thread alone. */
  readonly threads?: number;
  /** Whether all kernels are left to gpu.js' own code generator, to compare with. */
  readonly stock?: boolean;
  /** Another choice of tiles, for tests. */
  readonly tile?: CompilerOptions["tile"];
  /** Bytes of a strip's window, for tests; with 0 every plan is run as a whole. */
  readonly window?: number;
  /** Another class of arenas, for tests: one that catches accesses outside of its blocks. */
  readonly arena?: typeof Arena;
}

/**
 * Compiles programs to WebAssembly.
 *
 * @param threads What runs large plans; without, the calling thread does.
 * @param stock What takes the kernels that the compiler does not; without, they are errors.
 */
export function createWasmExecutor(
  { deterministic = false, stock: all = false, tile, window = WINDOW, arena = Arena }:
    WasmSettings = {},
  threads?: Threads,
  stock?: Stock,
): Executor {
  const arenas = new Arenas(threads !== undefined, arena);
  const fused = !deterministic && hasRelaxedMultiplyAdd();
  const options = { fused, stock: all, ...(tile && { tile }) };
  let compiled = 0;
  const compile = (program: Program) => {
    compiled++;
    return new WasmExecutable(program, compilePlan(program, options), arenas, stock, threads);
  };
  const byStrips = window > 0 && !all;
  const borrowed = new Lending(compile);
  return {
    backend: "wasm",
    device: threads === undefined ? "WebAssembly" : `WebAssembly, ${threads.count} threads`,
    get bytes() {
      return arenas.bytes;
    },
    get compiled() {
      return compiled;
    },
    compile(program) {
      const strips = byStrips ? stripsOf(program, window) : undefined;
      if (strips === undefined) return compile(program);
      const borrow = () => borrowed.get(strips.program);
      return new StripExecutable(strips, arenas, borrow, () => compile(program), threads);
    },
    allocate: (length) => arenas.allocate(length),
    release: (data) => arenas.release(data),
    keeps: (data) => arenas.locate(data) !== undefined,
    async dispose() {
      // Whoever keeps the runtime keeps this.
      arenas.clear();
      threads?.end();
      await stock?.dispose();
    },
  };
}
