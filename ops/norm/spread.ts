/**
 * How what lies over some parts of a tensor spreads over the others.
 *
 * @module
 */
import { type Plan, rows, type Value } from "../plan/plan.ts";
import { type Part, viewOfCut } from "./parts.ts";

/**
 * Spreads a value over parts that it lacks.
 *
 * @param has Which parts the value lies over.
 * @param except The index of a part that the result lacks as well.
 */
export function spreadOver(
  plan: Plan,
  value: Value,
  parts: readonly Part[],
  has: (part: Part) => boolean,
  except?: number,
): Value {
  const present = parts.map((part, i) => i !== except && has(part));
  const product = (from: number, to: number) =>
    parts.slice(from, to).reduce((n, { size }, i) => present[from + i] ? n * size : n, 1);
  for (const [i, part] of parts.entries()) {
    if (i === except || present[i]) continue;
    if (part.size > 1) {
      const whole = { before: product(0, i), size: part.size, after: product(i + 1, parts.length) };
      const { format, size } = viewOfCut(whole);
      value = plan.launch("spread", format, size, { a: rows(value, size.c) });
    }
    present[i] = true;
  }
  return value;
}
