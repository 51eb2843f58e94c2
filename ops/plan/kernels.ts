/**
 * Finds a generated kernel by its name, its format and its holes.
 *
 * @module
 */
import { kernels } from "../../generated/kernels.ts";
import type { Format, Kernel } from "./kernel.ts";

/** Values of a template's holes. */
export type Holes = Readonly<Record<string, boolean | string>>;

let index: Map<string, Kernel> | undefined;

/**
 * The generated kernel of a template function at the given values.
 *
 * @throws {Error} If there is none and it is not optional: the manifest lacks a row.
 */
export function findKernel(
  kernel: string,
  format: Format,
  lanes: number,
  holes: Holes,
  need: "needed" | "optional" = "needed",
): Kernel | undefined {
  index ??= new Map(kernels.map((entry) => [
    keyOf(entry.kernel, entry.format, entry.lanes, entry.holes),
    entry,
  ]));
  const found = index.get(keyOf(kernel, format, lanes, holes));
  if (found === undefined && need === "needed") {
    throw new Error(`Cannot find a kernel: ${keyOf(kernel, format, lanes, holes)}`);
  }
  return found;
}

function keyOf(kernel: string, format: Format, lanes: number, holes: Holes): string {
  const values = Object.keys(holes).sort().map((name) => `${name}=${holes[name]}`);
  return [kernel, format, lanes, ...values].join(" ");
}
