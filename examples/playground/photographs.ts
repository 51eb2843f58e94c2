/**
 * The photographs that come with the playground.
 *
 * @module
 */

/** One of them. */
export interface Photograph {
  /** What links call it; its file beside the page is `photographs/<name>.png`. */
  readonly name: string;
  /** Where it is in examples/. */
  readonly source: string;
  /** What it shows. */
  readonly title: string;
}

/** All of them, in the order of the page; the first is shown at the start. */
export const PHOTOGRAPHS: readonly Photograph[] = [
  { name: "alps", source: "photographs/alps.png", title: "Firs before snowy mountains" },
  { name: "cat", source: "photographs/cat.png", title: "A walking cat, four times" },
  { name: "boats", source: "sample.png", title: "Boats on a river" },
];
