import type { Format } from "../../ops/plan/kernel.ts";

/** Where each coordinate of a cell comes from in gpu.js' grid. */
const THREADS: Readonly<Record<Format, Readonly<Partial<Record<string, string>>>>> = {
  channelsLast: { n: "this.thread.z", s: "this.thread.y", c: "this.thread.x" },
  channelsFirst: { n: "this.thread.z", c: "this.thread.y", s: "this.thread.x" },
  flat: { c: "this.thread.x" },
};

/** The thread index of a cell's coordinate, or `undefined` where the format has none. */
export function threadOf(format: Format, coordinate: string): string | undefined {
  return THREADS[format][coordinate];
}

/** The coordinate that runs along memory: the one that lanes widen. */
export function innermost(format: Format): "c" | "s" {
  return format === "channelsFirst" ? "s" : "c";
}

/** A field's element as gpu.js indexes it. */
export function elementOf(
  format: "channelsLast" | "channelsFirst",
  array: string,
  n: string,
  c: string,
  s: string,
): string {
  return format === "channelsLast" ? `${array}[${n}][${s}][${c}]` : `${array}[${n}][${c}][${s}]`;
}
