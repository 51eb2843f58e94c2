/** Longer texts are cut off, since a hostile one may be megabytes. */
const LONGEST = 100;

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
