/**
 * What a fuzz of the API consists of: structures (an op with shapes and options), trials (one with
 * numbers), and the comparison of an answer with what is expected.
 *
 * @module
 */
import type { Runtime, Tensor } from "../../../mod.ts";
import type { Draw, Kind } from "./draw.ts";
import type { Elementary } from "./elementary.ts";

export { U } from "./elementary.ts";

/** What the fuzz may draw, and what it may ask for. */
export interface Limits {
  readonly kinds: readonly Kind[];
  /** Also what is known to be hard: exponents below 1 at 0, parameters at their bounds. */
  readonly hard: boolean;
  readonly elementary: Elementary;
}

/** An op with all that its plan depends on. */
export interface Structure {
  /** Shapes and options, for messages. */
  readonly what: Readonly<Record<string, unknown>>;
  /** The same with fresh numbers. */
  trial(numbers: Draw): Trial;
}

/** Makes a structure from choices. */
export type Family = (draw: Draw, limits: Limits) => Structure;

/** One call, or a call and its way back. */
export interface Trial {
  run(runtime: Runtime): Promise<Answers>;
  expected(): Readonly<Record<string, Expected>>;
}

/** What came out, by name. */
export type Answers = Readonly<Record<string, Tensor | number>>;

/** What has to come out, and how far each number may be off. */
export interface Expected {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** Infinity where anything may come out, NaN too. */
  readonly allowed: ArrayLike<number>;
}

/** Below float32's normal numbers nothing is promised in relative terms. */
const SMALLEST = 2 ** -125;

/** A difference that is too large, in words. */
export interface Finding {
  readonly message: string;
}

/** The largest share of what is allowed that was used, by op and name. */
export type Closest = Map<string, number>;

/** Compares answers with expectations. */
export function findingOf(
  answers: Answers,
  expected: Readonly<Record<string, Expected>>,
  op: string,
  closest: Closest,
): Finding | undefined {
  const names = Object.keys(expected);
  const given = Object.keys(answers);
  if (names.length !== given.length || names.some((name) => !(name in answers))) {
    return { message: `must give ${names}, gave ${given}` };
  }
  for (const name of names) {
    const answer = answers[name];
    const { shape, values, allowed } = expected[name];
    const data = typeof answer === "number" ? [answer] : answer.data;
    const got = typeof answer === "number" ? [] : answer.shape;
    if (got.join() !== shape.join() || data.length !== values.length) {
      return { message: `${name} must have shape (${shape}), has (${got}) of ${data.length}` };
    }
    let used = closest.get(`${op} ${name}`) ?? 0;
    for (let i = 0; i < data.length; i++) {
      if (allowed[i] === Infinity) continue;
      // Equal infinities, and NaN for NaN, have no difference.
      const error = Object.is(data[i], values[i]) ? 0 : Math.abs(data[i] - values[i]);
      const most = allowed[i] + SMALLEST;
      if (!(error <= most)) {
        return {
          message: `${name}[${i}] must be ${values[i]} within ${most.toExponential(2)}, is ${
            data[i]
          }, off by ${error.toExponential(2)}`,
        };
      }
      used = Math.max(used, error / most);
    }
    closest.set(`${op} ${name}`, used);
  }
  return undefined;
}

/** An expectation that needs no allowance. */
export function exactly(shape: readonly number[], values: ArrayLike<number>): Expected {
  return { shape, values, allowed: new Float64Array(values.length) };
}

/** Zeros of a shape. */
export function zeros(shape: readonly number[]): Expected {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return exactly(shape, new Float64Array(size));
}
