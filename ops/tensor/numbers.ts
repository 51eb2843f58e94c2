/**
 * What numbers among the arguments may be.
 *
 * @module
 */
import { shown } from "./shown.ts";

/** A set of numbers, and how messages call it. */
interface Domain {
  readonly rule: string;
  readonly has: (value: number) => boolean;
}

/** Units of what is added to a variance, lengths of steps, penalties, bounds. */
const notNegative: Domain = { rule: "a finite number >= 0", has: (v) => v >= 0 && v < Infinity };
const positive: Domain = { rule: "a finite number > 0", has: (v) => v > 0 && v < Infinity };
/** Weights of moving averages, both ends among them. */
const share: Domain = { rule: "from 0 to 1", has: (v) => v >= 0 && v <= 1 };
/** Weights by whose complement is divided. */
const fraction: Domain = { rule: "from 0 to below 1", has: (v) => v >= 0 && v < 1 };
const finite: Domain = { rule: "a finite number", has: Number.isFinite };
const count: Domain = { rule: "an integer >= 1", has: (v) => Number.isSafeInteger(v) && v >= 1 };

const DOMAINS = { notNegative, positive, share, fraction, finite, count };

/**
 * Checks that an argument is a number of a domain.
 *
 * @throws {RangeError} If it is another number, or none.
 */
export function checkNumber(
  action: string,
  name: string,
  value: unknown,
  domain: keyof typeof DOMAINS,
): asserts value is number {
  const { rule, has } = DOMAINS[domain];
  if (typeof value === "number" && has(value)) return;
  throw new RangeError(`Cannot ${action}: ${name} must be ${rule}, got ${shown(value)}`);
}
