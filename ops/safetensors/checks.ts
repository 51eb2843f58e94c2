/**
 * Checks of files and of what goes into them, whose texts are safe to show whatever a file holds.
 *
 * @module
 */

/** The name of the entry that holds texts instead of a tensor. */
export const METADATA = "__metadata__";

/** Bytes of the longest header. */
export const MAX_HEADER = 100_000_000;

/** Characters of the longest name that is shown in full. */
const MAX_SHOWN = 60;

/** A text, or how it is put together if it is needed: there may be 10^5 names. */
export type Text = string | (() => string);

/** Throws unless a rule holds. */
export function check(
  holds: boolean,
  action: string,
  what: Text,
  rule: Text,
  got: unknown,
  Failure: typeof TypeError | typeof RangeError = TypeError,
): asserts holds {
  if (holds) return;
  const textOf = (text: Text) => typeof text === "string" ? text : text();
  throw new Failure(
    `Cannot ${action}: ${textOf(what)} must ${textOf(rule)}, got ${shown(got)}`,
  );
}

/** Throws unless names and texts are text. */
export function checkTexts(action: string, what: string, texts: Iterable<[string, unknown]>): void {
  for (const [name, text] of texts) {
    check(
      isText(name) && isText(text),
      action,
      () => `${what} of ${quoted(name)}`,
      "be text",
      text,
    );
  }
}

/** Whether a value is text that UTF-8 can hold. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

/** A name as error texts show it, which in a hostile file may be long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length <= MAX_SHOWN ? name : `${name.slice(0, MAX_SHOWN)}...`);
}

/** A value as error texts show it; of the header's objects only what cannot be hostile. */
function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return Array.isArray(value) ? "an array" : "an object";
  } catch {
    return "an object"; // a proxy that has been revoked
  }
}
