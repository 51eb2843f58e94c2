/**
 * Rows of ops inside a pipeline.
 *
 * @module
 */
import { eager, pipeline, type Tensor } from "../../../mod.ts";
import { type Anything, type Kind, NONE, OPTIONAL, type Row, runtime } from "./row.ts";
import { x } from "./values.ts";

/** A row of an op inside a pipeline: its result, or those of both ways. */
export function inPipeline(
  name: string,
  calls: readonly (() => unknown[])[],
  kinds: readonly Kind[],
  takes: readonly (readonly string[])[] = kinds.map(() => NONE),
): Row {
  const call = (...args: Anything[]) => {
    const traced = pipeline((ops: Anything, _input: Tensor) => bothWays(ops, name, args), {
      runtime,
    });
    return traced(x());
  };
  return { call, calls, kinds, takes, traced: true };
}

/** The same op computed at once. */
export function eagerly(name: string, { calls, kinds, takes }: Row): Row {
  return { call: (...args) => bothWays(ops, name, args), calls, kinds, takes };
}

const ops = eager(runtime);

function bothWays(ops: Anything, name: string, args: Anything[]): Anything {
  const made = ops[name](...args);
  if (name === "momentsVjp") {
    const { mean, m2 } = made.moments;
    return { ...made.moments, back: made.vjp({ mean, m2 }) };
  }
  return name.endsWith("Vjp") ? { y: made.y, back: made.vjp(made.y) } : made;
}

/** The same calls without a runtime, which ops inside a pipeline do not take. */
export function withoutRuntime(calls: readonly (() => unknown[])[]): (() => unknown[])[] {
  return calls.map((args) => () =>
    args().map((arg) => {
      if (typeof arg !== "object" || arg === null || !("runtime" in arg)) return arg;
      const { runtime: _, ...options } = arg;
      return options;
    })
  );
}

/** Kinds of arguments, and what each of them takes. */
export const TWO_RECORDS = ["other", "record", "record"] as const;
export const OF_OPTIONS = [NONE, NONE, OPTIONAL];
export const OF_PARAMS = [NONE, OPTIONAL, NONE];
export const OF_BOTH = [NONE, OPTIONAL, OPTIONAL];
export const THREE_RECORDS = ["other", "record", "record", "record"] as const;
