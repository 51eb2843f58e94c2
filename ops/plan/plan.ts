/**
 * Plans: what an op records instead of running kernels. A plan is a small graph of kernel launches
 * over flat values; an executor compiles it once and runs it with any data of the same shapes.
 *
 * @module
 */
import type { Elements } from "../tensor/elements.ts";
import type { Kernel } from "./kernel.ts";
import { type Holes, kernelOf, wideKernelOf } from "./kernels.ts";
import { type Extents, keyOf, type Launch, type LaunchArgument, type Program } from "./program.ts";

/** Samples, channels and positions of a view. */
export interface Size {
  readonly n: number;
  readonly c: number;
  readonly s: number;
}

/** A flat run of float32 numbers inside a plan: an input, or what a launch computes. */
export interface Value {
  readonly plan: Plan;
  readonly id: number;
  readonly length: number;
}

/** A value with the extents under which a kernel's parameter indexes it. */
export interface Shaped {
  readonly value: Value;
  readonly size: Size;
}

/**
 * Arguments of a launch by the names of the template's parameters; numbers become scalars. A kernel takes
 * those that its variant uses; the others need not be there.
 */
export type Arguments = Readonly<Record<string, Shaped | Value | number | undefined>>;

/** Reads an input's data at the start of every run. */
export type Source = () => Elements;

/** Throws if an input's data are not what they must be. */
export type Check = (data: Float32Array) => void;

/** A finished plan: what to compile, and where a run's inputs and scalars come from. */
export interface Recorded {
  readonly program: Program;
  readonly sources: readonly Source[];
  /** What each input belongs to. */
  readonly owners: readonly unknown[];
  /** For each input that must be looked at in every run. */
  readonly checks: ReadonlyMap<number, Check>;
  readonly scalars: readonly number[];
}

/** The constants of a launch that are not sizes of its grid. */
type Constants = Readonly<Record<string, number>>;

interface Step {
  readonly kernel: Kernel;
  readonly wide: Kernel | undefined;
  readonly grid: Extents;
  readonly constants: Constants;
  readonly arguments: readonly (LaunchArgument)[];
  readonly result: number;
}

/** A plan being recorded. */
export class Plan {
  readonly #lengths: number[] = [];
  readonly #names: string[] = [];
  readonly #sources = new Map<number, Source>();
  readonly #checks = new Map<number, Check>();
  readonly #constants = new Map<number, number>();
  readonly #shared = new Map<unknown, Value>();
  readonly #scalars: number[] = [];
  readonly #steps: Step[] = [];

  /**
   * An input that is read at every run.
   *
   * @param owner What the data belong to; the same owner gives the same value.
   */
  input(name: string, owner: unknown, length: number, source: Source): Value {
    const known = this.#shared.get(owner);
    if (known !== undefined) return known;
    const value = this.#value(name, length);
    this.#sources.set(value.id, source);
    this.#shared.set(owner, value);
    return value;
  }

  /** Has the data of a value checked in every run, if it is an input. */
  require({ id }: Value, check: Check): void {
    if (!this.#sources.has(id)) return;
    const before = this.#checks.get(id);
    this.#checks.set(id, (data) => {
      before?.(data);
      check(data);
    });
  }

  /** An input that is the same number everywhere, at every run. */
  constant(number: number, length: number): Value {
    const data = new Float32Array(length).fill(number);
    const name = Object.is(number, -0) ? "-0" : `${number}`;
    const value = this.input("a constant", `${name} x ${length}`, length, () => data);
    this.#constants.set(value.id, number);
    return value;
  }

  /** The number that a value is everywhere, if it is such an input. */
  numberOf({ id }: Value): number | undefined {
    return this.#constants.get(id);
  }

  /**
   * Records one launch of a kernel over a grid of samples, channels and positions.
   *
   * @param constants Sizes that the kernel reads from `this.constants`.
   */
  launch(
    kernel: string,
    format: Kernel["format"],
    size: Size,
    args: Arguments,
    holes: Holes = {},
    constants: Constants = {},
  ): Value {
    const found = kernelOf(kernel, format, holes);
    const grid = extentsOf(format, size);
    const wide = grid[0] % 4 === 0 ? wideKernelOf(kernel, format, holes) : undefined;
    const result = this.#value(`the result of ${found.name}`, size.n * size.c * size.s);
    this.#steps.push({
      kernel: found,
      wide,
      grid,
      constants,
      arguments: found.arguments.map(({ name, kind }) => {
        const argument = args[name];
        if (argument !== undefined) return this.#argument(format, kind, argument);
        throw new Error(`Cannot record ${found.name}: ${name} must be given, got none`);
      }),
      result: result.id,
    });
    return result;
  }

  /** Launches an elementwise kernel over vectors; the result is as long as the first of them. */
  each(kernel: string, args: Arguments, holes: Holes = {}): Value {
    const first = Object.values(args).find((argument) => typeof argument === "object") as Value;
    return this.launch(kernel, "flat", { n: 1, c: first.length, s: 1 }, args, holes);
  }

  /**
   * Closes the plan: keeps what the results need, and numbers values and scalars in that order.
   */
  finish(results: readonly Value[]): Recorded {
    const steps = this.#needed(results);
    const used = new Set(results.map(({ id }) => id));
    for (const { arguments: args } of steps) {
      for (const argument of args) if ("value" in argument) used.add(argument.value);
    }
    const inputs = [...this.#sources.keys()].filter((id) => used.has(id));
    const order = [...inputs, ...steps.map(({ result }) => result)];
    const numbers = new Map(order.map((id, i) => [id, i]));
    const scalars: number[] = [];
    const launches = steps.map((step): Launch => ({
      kernel: step.kernel,
      ...(step.wide !== undefined && { wide: step.wide }),
      grid: step.grid,
      constants: step.constants,
      arguments: step.arguments.map((argument) =>
        "scalar" in argument
          ? { scalar: scalars.push(this.#scalars[argument.scalar]) - 1 }
          : { ...argument, value: numbers.get(argument.value)! }
      ),
      result: numbers.get(step.result)!,
    }));
    const returned = new Set(results.map(({ id }) => id));
    const program = {
      lengths: order.map((id) => this.#lengths[id]),
      names: order.map((id) => this.#names[id]),
      // What is returned is the caller's, who may change it.
      constants: new Map(
        inputs.flatMap((id, i) => {
          const number = returned.has(id) ? undefined : this.#constants.get(id);
          return number === undefined ? [] : [[i, number] as const];
        }),
      ),
      scalars: scalars.length,
      launches,
      results: results.map(({ id }) => numbers.get(id)!),
    };
    const owners = new Map([...this.#shared].map(([owner, { id }]) => [id, owner]));
    return {
      program: { ...program, key: keyOf(program) },
      sources: inputs.map((id) => this.#sources.get(id)!),
      owners: inputs.map((id) => owners.get(id)),
      checks: new Map(
        inputs.flatMap((id, i) => {
          const check = this.#checks.get(id);
          return check === undefined ? [] : [[i, check] as const];
        }),
      ),
      scalars,
    };
  }

  #value(name: string, length: number): Value {
    this.#names.push(name);
    return { plan: this, id: this.#lengths.push(length) - 1, length };
  }

  #argument(
    format: Kernel["format"],
    kind: Kernel["arguments"][number]["kind"],
    argument: Shaped | Value | number,
  ): LaunchArgument {
    if (typeof argument === "number") return { scalar: this.#scalars.push(argument) - 1 };
    const { value, size } = "value" in argument
      ? argument
      : { value: argument, size: { n: 1, c: argument.length, s: 1 } };
    const extents: Extents = kind === "field"
      ? extentsOf(format, size)
      : kind === "matrix"
      ? [size.c, size.n, 1]
      : [value.length, 1, 1];
    if (value.plan !== this || extents[0] * extents[1] * extents[2] !== value.length) {
      throw new Error(`Cannot record a launch: extents ${extents} do not fit the value`);
    }
    return { value: value.id, extents };
  }

  /** The steps that the results need, in the order in which they were recorded. */
  #needed(results: readonly Value[]): Step[] {
    const needed = new Set(results.map(({ id }) => id));
    return this.#steps.toReversed().filter((step) => {
      if (!needed.has(step.result)) return false;
      for (const argument of step.arguments) if ("value" in argument) needed.add(argument.value);
      return true;
    }).toReversed();
  }
}

/** A value seen as rows of `c`; as a matrix its rows are samples. */
export function rows(value: Value, c: number): Shaped {
  return { value, size: { n: value.length / c, c, s: 1 } };
}

/** A value seen as samples, channels and positions. */
export function field(value: Value, size: Size): Shaped {
  return { value, size };
}

/** Extents of a view, innermost first. */
function extentsOf(format: Kernel["format"], { n, c, s }: Size): Extents {
  return format === "channelsFirst" ? [s, c, n] : [c, s, n];
}
