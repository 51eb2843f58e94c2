/**
 * A plan on two backends, with the same inputs and with the values of all launches.
 *
 * @module
 */
import type { Launch, Program } from "../../ops/plan/program.ts";
import type { Executable, Executor } from "../../ops/runtime/executor.ts";
import { compare, type Comparison, type Difference } from "./differences.ts";
import type { Run } from "./watch.ts";

/** What came of a run on two backends. */
export interface Replayed {
  /** How the values of each launch compare, in their order. */
  readonly launches: readonly Comparison[];
  /** The first launch whose values differ. */
  readonly first: Found | undefined;
  /**
   * The first result that differs though no launch does. To keep a value changes which launches webgpu
   * puts into one shader.
   */
  readonly result: Found | undefined;
}

/** A launch, and how its values differ. */
export interface Found {
  /** Its place in the plan, from 0. */
  readonly launch: number;
  readonly difference: Difference;
  /** The largest magnitude of its values. */
  readonly scale: number;
}

type Pair<T> = readonly [T, T];

/** A plan as it is, and with all its values kept, on both backends. */
interface Compiled {
  readonly plain: Pair<Executable>;
  readonly kept: Pair<Executable>;
}

/** Plans on two executors. */
export class Replay {
  readonly #executors: Pair<Executor>;
  readonly #tolerance: number;
  readonly #compiled = new Map<string, Compiled>();

  constructor(executors: Pair<Executor>, tolerance: number) {
    this.#executors = executors;
    this.#tolerance = tolerance;
  }

  /** Runs a plan. Where nothing has to be waited for, this returns no promise. */
  run({ program, inputs, scalars }: Run): Replayed | Promise<Replayed> {
    const { kept, plain } = this.#compile(program);
    const runs = [...kept, ...plain].map((executable) => executable.run(inputs, scalars));
    const compared = ([ourValues, theirValues, ours, theirs]: Float32Array[][]): Replayed => {
      const launches = this.#compare(ourValues, theirValues);
      const first = firstIn(launches);
      const results = this.#compare(ours, theirs);
      const wrong = first === undefined ? firstIn(results) : undefined;
      const result = wrong && { ...wrong, launch: launchOf(program, wrong.launch) };
      return { launches, first, result };
    };
    return runs.some((run) => run instanceof Promise)
      ? Promise.all(runs as Promise<Float32Array[]>[]).then(compared)
      : compared(runs as Float32Array[][]);
  }

  #compare(ours: readonly Float32Array[], theirs: readonly Float32Array[]): Comparison[] {
    return ours.map((numbers, i) => compare(numbers, theirs[i], this.#tolerance));
  }

  #compile(program: Program): Compiled {
    let compiled = this.#compiled.get(program.key);
    if (compiled === undefined) {
      const all = {
        ...program,
        key: `${program.key}\nall values`,
        results: program.launches.map(({ result }: Launch) => result),
      };
      compiled = { plain: this.#on(program), kept: this.#on(all) };
      this.#compiled.set(program.key, compiled);
    }
    return compiled;
  }

  #on(program: Program): Pair<Executable> {
    const [ours, theirs] = this.#executors;
    return [ours.compile(program), theirs.compile(program)];
  }
}

function firstIn(comparisons: readonly Comparison[]): Found | undefined {
  for (const [launch, { difference, scale }] of comparisons.entries()) {
    if (difference !== undefined) return { launch, difference, scale };
  }
}

/** The launch that computes a result. */
function launchOf({ launches, results }: Program, result: number): number {
  return launches.findIndex((launch) => launch.result === results[result]);
}
