/**
 * A plan on two backends, with the same inputs and with the values of all launches.
 *
 * @module
 */
import type { Launch, LaunchArgument, Program } from "../../ops/plan/program.ts";
import { readsOf } from "../../ops/plan/uses.ts";
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
   * Whether it also differs when it runs alone on the same numbers. If not, its inputs differ by rounding,
   * which it magnifies, or what it is compiled with makes the difference.
   */
  readonly alone: boolean;
  /** The first result that differs when no other values are kept, which changes what webgpu joins. */
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

/** Whether the backends compute something else, by more than what rounding leads to. */
export function isDifferent({ first, alone, result }: Replayed): boolean {
  return result !== undefined || (first !== undefined && alone);
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
  run(run: Run): Replayed | Promise<Replayed> {
    const { program, inputs, scalars } = run;
    const { kept, plain } = this.#compile(program);
    const running = runAll([...kept, ...plain], inputs, scalars);
    return after(running, ([ourValues, theirValues, ours, theirs]) => {
      const launches = this.#compare(ourValues, theirValues);
      const first = firstIn(launches);
      const wrong = firstIn(this.#compare(ours, theirs));
      const result = wrong && { ...wrong, launch: launchOf(program, wrong.launch) };
      if (first === undefined) return { launches, first, alone: false, result };
      return after(this.#differsAlone(run, first.launch, ourValues), (alone) => {
        return { launches, first, alone, result };
      });
    });
  }

  /** Runs one launch on both backends, with the numbers that the first of them has computed. */
  #differsAlone(
    { program, inputs, scalars }: Run,
    index: number,
    values: readonly Float32Array[],
  ): boolean | Promise<boolean> {
    const alone = aloneIn(program, index);
    const pair = this.#on(alone.program);
    const known = [...inputs, ...values];
    const running = runAll(
      pair,
      alone.values.map((value) => known[value]),
      alone.scalars.map((scalar) => scalars[scalar]),
    );
    return after(running, ([ours, theirs]) => firstIn(this.#compare(ours, theirs)) !== undefined);
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

/** One launch as a program of its own, and which values and scalars of the whole it takes. */
function aloneIn(
  { key, lengths, names, launches }: Program,
  index: number,
): { program: Program; values: number[]; scalars: number[] } {
  const launch = launches[index];
  const values = [...new Set(readsOf(launch))];
  const scalars: number[] = [];
  const args = launch.arguments.map((argument): LaunchArgument =>
    "scalar" in argument
      ? { scalar: scalars.push(argument.scalar) - 1 }
      : { ...argument, value: values.indexOf(argument.value) }
  );
  const all = [...values, launch.result];
  const program = {
    key: `${key}\nlaunch ${index} alone`,
    lengths: all.map((value) => lengths[value]),
    names: all.map((value) => names[value]),
    constants: new Map<number, number>(),
    scalars: scalars.length,
    launches: [{ ...launch, arguments: args, result: values.length }],
    results: [values.length],
  };
  return { program, values, scalars };
}

function runAll(
  executables: readonly Executable[],
  inputs: readonly Float32Array[],
  scalars: readonly number[],
): Float32Array[][] | Promise<Float32Array[][]> {
  const runs = executables.map((executable) => executable.run(inputs, scalars));
  return runs.some((run) => run instanceof Promise)
    ? Promise.all(runs as Promise<Float32Array[]>[])
    : runs as Float32Array[][];
}

/** Goes on with a value, or once it is there. */
function after<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
