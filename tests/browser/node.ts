/**
 * What the tests take from node:v8, node:vm and node:fs, in a page whose browser was started with
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

/** A file of the repository, which the page's server has at its path. */
export async function readFile(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Cannot read ${url}: got status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
