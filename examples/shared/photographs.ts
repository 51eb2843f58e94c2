/**
 * The photographs that come with the examples.
 *
 * @module
 */

/** One of them. */
export interface Photograph {
  /** What links to the playground call it; its file beside the page is `photographs/<name>.png`. */
  readonly name: string;
  /** Where it is in examples/. */
  readonly source: string;
  /** What it shows. */
  readonly title: string;
}

/**
 * All of them. Fits hold them back in this order, so the figures of docs/examples.md depend on it; the
 * playground shows them in it.
 */
export const PHOTOGRAPHS: readonly Photograph[] = [
  { name: "boats", source: "sample.png", title: "Boats on a river" },
  { name: "alps", source: "photographs/alps.png", title: "Firs before snowy mountains" },
  { name: "cat", source: "photographs/cat.png", title: "A walking cat, four times" },
];
