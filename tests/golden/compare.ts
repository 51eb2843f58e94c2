/**
 * Compares two runs of an original implementation.
 *
 * @module
 */
import type { Tensor } from "../../mod.ts";
import { largest, worst } from "../support/close.ts";
import type { Case } from "./read.ts";

/**
 * What two machines may differ by in units of a group's largest number: in float64, the rounding to float32
 * at the end; in float32, sums in another order.
 */
const REPEATED = { float64: 2 ** -23, float32: 2 ** -19 };

/** What is not the same in two lists of cases, in words; nothing where they agree. */
export function differences(before: readonly Case[], after: readonly Case[]): readonly string[] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const old = before.find((one) => one.name === name);
    const now = after.find((one) => one.name === name);
    if (old === undefined || now === undefined) {
      return [`${name} is in one of the runs only`];
    }
    return differencesOf(old, now).map((difference) => `${name}: ${difference}`);
  });
}

function differencesOf(old: Case, now: Case): string[] {
  const { name: _, op, options, dtype, ...groups } = old;
  const said = (one: Pick<Case, "op" | "options" | "dtype">) =>
    JSON.stringify([one.op, one.options, one.dtype]);
  if (said(now) !== said({ op, options, dtype })) return [`${said(old)} has become ${said(now)}`];
  return Object.entries(groups).flatMap(([group, tensors]) => {
    const others = now[group as keyof typeof groups];
    const names = new Set([...Object.keys(tensors), ...Object.keys(others)]);
    return [...names].filter((name) => !same(tensors[name], others[name], REPEATED[dtype]))
      .map((name) => `${group}.${name} is not the same`);
  });
}

/** Whether two tensors have one shape, and numbers that differ by no more than their rounding. */
function same(one: Tensor | undefined, other: Tensor | undefined, tolerance: number): boolean {
  if (one === undefined || other === undefined) return false;
  if (one.shape.join() !== other.shape.join()) return false;
  const nowhere = (values: ArrayLike<number>) => Array.from(values, (value) => Number.isNaN(value));
  if (nowhere(one.data).join() !== nowhere(other.data).join()) return false;
  const finite = (values: ArrayLike<number>) => Array.from(values, (value) => value || 0);
  const { by } = worst(finite(one.data), finite(other.data));
  return by <= tolerance * largest(finite(other.data));
}
