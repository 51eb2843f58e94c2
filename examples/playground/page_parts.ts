/**
 * The page's elements by their names.
 *
 * @module
 */
/// <reference lib="dom" />

/** An element that index.html has. */
export function byId<E extends Element = HTMLElement>(name: string): E {
  return document.getElementById(name) as Element as E;
}

/** A new element with a text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text = "",
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(name), { textContent: text });
}
