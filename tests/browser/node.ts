/**
 * What the tests take from node:v8 and node:vm, in a page whose browser was started with
 * `--js-flags=--expose-gc`.
 *
 * @module
 */

/** Does nothing: the browser has been given its flags. */
export function setFlagsFromString(_flags: string): void {}

/** A global by its name. */
export function runInNewContext(name: string): unknown {
  return (globalThis as Record<string, unknown>)[name];
}
