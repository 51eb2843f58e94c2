/**
 * A program that is compiled for a strip and as a whole, each when it is first wanted.
 *
 * @module
 */
import type { Executable } from "../../executor.ts";
import type { Arenas } from "../arena.ts";
import type { WasmExecutable } from "../executable.ts";
import type { Threads } from "../threads.ts";
import type { Borrowed } from "./lending.ts";
import { isPeriodic } from "./run.ts";
import type { Strips } from "./strips.ts";

/** Runs a program strip by strip where its inputs and results are copied anyway, else as a whole. */
export class StripExecutable implements Executable {
  readonly bytes = 0;
  readonly byGpuJs: number = 0;
  readonly #strips: Strips;
  /** Inputs that are copied strip by strip. */
  readonly #copied: readonly number[];
  readonly #arenas: Arenas;
  readonly #borrow: () => Borrowed;
  readonly #compile: () => WasmExecutable;
  readonly #threads: Threads | undefined;
  #isForThreads: boolean | undefined;
  #strip: Borrowed | undefined;
  #whole: WasmExecutable | undefined;

  /**
   * @param borrow Lends what runs a strip.
   * @param compile Compiles the program as a whole.
   * @param threads What shares out a whole, if that is worth it.
   */
  constructor(
    strips: Strips,
    arenas: Arenas,
    borrow: () => Borrowed,
    compile: () => WasmExecutable,
    threads: Threads | undefined,
  ) {
    this.#strips = strips;
    this.#copied = strips.inputs.flatMap((slice, i) =>
      slice === undefined || isPeriodic(slice, strips) ? [] : [i]
    );
    this.#arenas = arenas;
    this.#borrow = borrow;
    this.#compile = compile;
    this.#threads = threads;
  }

  run(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] {
    return this.#runsInStrips(inputs, keep) && !this.#threadsTakePart()
      ? this.#runStrips(inputs, scalars)
      : this.#ofWhole().run(inputs, scalars, keep);
  }

  runAtOnce(
    inputs: readonly Float32Array[],
    scalars: readonly number[],
    keep = false,
  ): Float32Array[] {
    return this.#runsInStrips(inputs, keep)
      ? this.#runStrips(inputs, scalars)
      : this.#ofWhole().runAtOnce(inputs, scalars, keep);
  }

  dispose(): void {
    this.#strip?.giveBack();
    this.#strip = undefined;
    this.#whole?.dispose();
    this.#whole = undefined;
  }

  /** Whether nothing that is copied strip by strip lives in the executor's memory, or is to. */
  #runsInStrips(inputs: readonly Float32Array[], keep: boolean): boolean {
    return !keep && !this.#arenas.hold(this.#copied.map((i) => inputs[i]));
  }

  /** Whether threads share out the whole. */
  #threadsTakePart(): boolean {
    const { units, height } = this.#strips;
    return this.#isForThreads ??= this.#threads?.isFor(this.#ofStrip().work * units / height) ??
      false;
  }

  #runStrips(inputs: readonly Float32Array[], scalars: readonly number[]): Float32Array[] {
    return this.#ofStrip().runStrips(this.#strips, inputs, scalars);
  }

  #ofStrip(): WasmExecutable {
    this.#strip ??= this.#borrow();
    return this.#strip.executable;
  }

  #ofWhole(): WasmExecutable {
    return this.#whole ??= this.#compile();
  }
}
