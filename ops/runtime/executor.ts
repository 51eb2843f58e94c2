/**
 * What an executor is given and what it returns: a plan in plain data, and a compiled form of it.
 *
 * @module
 */
import type { Program } from "../plan/program.ts";
import type { DeviceData, Elements } from "../tensor/elements.ts";

/** A program compiled by one executor. */
export interface Executable {
  /** Bytes that it holds between runs. */
  readonly bytes: number;
  /** How many of its launches are of code that gpu.js' own generator made. */
  readonly byGpuJs: number;
  /**
   * Runs the program once. Inputs are read before it returns or first awaits.
   *
   * @param inputs Numbers in memory; on the executor's own device too, if it has one.
   * @param keep Whether the results are to stay in the executor's memory, if it has one; they are
   * then live until they are released.
   * @param names What the values are called in this run, for messages.
   */
  run(
    inputs: readonly Elements[],
    scalars: readonly number[],
    keep?: boolean,
    names?: readonly string[],
  ): Elements[] | Promise<Elements[]>;
  /** As `run`, but done when it returns: by the calling thread, where there are others. */
  runAtOnce?(
    inputs: readonly Elements[],
    scalars: readonly number[],
    keep?: boolean,
  ): Elements[];
  /** Gives back what it holds; it is not used afterwards. */
  dispose(): void | Promise<void>;
}

/** Compiles and owns programs on one backend. */
export interface Executor {
  readonly backend: Backend | "auto";
  /** What runs the kernels, in words: the adapter on webgpu, the renderer on webgl2. */
  readonly device: string;
  /** Compiles a program, or throws a RangeError where the backend cannot hold it. */
  compile(program: Program): Executable;
  /** Bytes that it holds itself, besides its executables. */
  readonly bytes: number;
  /** Zeros in the executor's memory, which runs use in place; live until they are released. */
  allocate?(length: number): Float32Array;
  /** Ends the life of data that were allocated or kept. */
  release?(data: Float32Array): void;
  /** Whether data are those of a live tensor in its memory. */
  keeps?(data: Float32Array): boolean;
  /** A copy on the executor's device, where it has one that tensors can stay on. */
  upload?(data: Float32Array): DeviceData;
  /** Numbers in somebody else's buffer on that device; the text of an error says what is wrong with it. */
  wrap?(buffer: object, length: number): DeviceData;
  /** Whether runs can read them where they are. */
  holds?(data: DeviceData): boolean;
  /** Bytes that have gone to its device and come back. */
  readonly traffic?: Traffic;
  /** Plans that it has compiled, where that is not one for each program. */
  readonly compiled?: number;
  /** How often each of several backends has run a plan. */
  readonly runs?: Readonly<Partial<Record<Backend, number>>>;
  /** What plans have been estimated to take on each of several backends. */
  readonly estimates?: readonly PlanEstimate[];
  dispose(): Promise<void>;
}

/** Bytes on their way to a device and back. */
export interface Traffic {
  readonly up: number;
  readonly down: number;
}

/** What a plan is estimated to take on each of the backends that "auto" holds. */
export interface PlanEstimate {
  /** The kernels that it launches. */
  readonly kernels: readonly string[];
  /** Milliseconds on wasm. */
  readonly wasm: number;
  /** Milliseconds on webgpu; infinite if it failed when it was measured. */
  readonly webgpu: number;
  /** Where it runs, unless its inputs are on the other one. */
  readonly backend: "wasm" | "webgpu";
}

/** The name of a backend. */
export type Backend = "webgpu" | "webgl2" | "wasm" | "cpu";

/** The backends in the order in which "auto" tries them; WebGL2 has not been seen to be faster than wasm. */
export const BACKENDS: readonly Backend[] = ["webgpu", "wasm", "webgl2", "cpu"];
