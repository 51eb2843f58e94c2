/**
 * How error messages show what a caller has given.
 *
 * @module
 */

const MOST_NESTED = 4;
const MOST_SHOWN = 16;

/** Longer texts are cut off, since a hostile one may be megabytes. */
const LONGEST = 100;

/** What an argument is, for messages. */
export function describe(value: unknown): string {
  return typeof value === "object" ? shown(value) : typeof value;
}

/** An element of a list for messages: strings are quoted, lists are in brackets. */
export function shownNested(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (!Array.isArray(value)) return shown(value);
  // A list may hold itself.
  if (depth === MOST_NESTED || value.length > MOST_SHOWN) return "an array";
  return `[${value.map((inner) => shownNested(inner, depth + 1)).join(", ")}]`;
}

/**
 * An argument as error texts show it: its value, or what it is if it is an object. It never throws,
 * whatever the argument is.
 */
export function shown(value: unknown): string {
  if (typeof value === "function") return "function";
  if (typeof value === "object" && value !== null) return `an object of class ${classOf(value)}`;
  const text = String(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}

function classOf(value: object): string {
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === "string" && name !== "" ? name.slice(0, LONGEST) : "none";
  } catch {
    // A proxy or a getter that throws.
    return "none";
  }
}
