/**
 * Finds a generated kernel by its name, its format and its holes.
 *
 * @module
 */
import { kernels } from "../../generated/kernels.ts";
import type { Format, Kernel } from "./kernel.ts";

/** Values of a template's holes. */
export type Holes = Readonly<Record<string, boolean | string>>;

/** The kernels of each template function. */
const byFunction = new Map<string, Kernel[]>();
for (const kernel of kernels) {
  const known = byFunction.get(kernel.kernel);
  if (known === undefined) byFunction.set(kernel.kernel, [kernel]);
  else known.push(kernel);
}

/**
 * The generated kernel of a template function at the given values.
 *
 * @throws {Error} If there is none: the manifest lacks a row.
 */
export function kernelOf(kernel: string, format: Format, holes: Holes): Kernel {
  const found = find(kernel, format, 1, holes);
  if (found === undefined) {
    const values = Object.keys(holes).sort().map((name) => `${name}=${holes[name]}`);
    throw new Error(`Cannot find a kernel: ${[kernel, format, 1, ...values].join(" ")}`);
  }
  return found;
}

/** The same with four elements per cell, if there is one. */
export function wideKernelOf(kernel: string, format: Format, holes: Holes): Kernel | undefined {
  return find(kernel, format, 4, holes);
}

function find(kernel: string, format: Format, lanes: number, holes: Holes): Kernel | undefined {
  const names = Object.keys(holes);
  return byFunction.get(kernel)?.find((entry) =>
    entry.format === format && entry.lanes === lanes &&
    names.length === Object.keys(entry.holes).length &&
    names.every((name) => entry.holes[name] === holes[name])
  );
}
