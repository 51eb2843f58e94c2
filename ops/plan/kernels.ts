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
 * @throws {Error} If there is none: the manifest lacks a row.
 */
export function kernelOf(kernel: string, format: Format, holes: Holes): Kernel {
  const found = find(kernel, format, 1, holes);
  if (found === undefined) {
    throw new Error(`Cannot find a kernel: ${keyOf(kernel, format, 1, holes)}`);
  }
  return found;
}

/** The same with four elements per cell, if there is one. */
export function wideKernelOf(kernel: string, format: Format, holes: Holes): Kernel | undefined {
  return find(kernel, format, 4, holes);
}

function find(kernel: string, format: Format, lanes: number, holes: Holes): Kernel | undefined {
  index ??= new Map(kernels.map((entry) => [
    keyOf(entry.kernel, entry.format, entry.lanes, entry.holes),
    entry,
  ]));
  return index.get(keyOf(kernel, format, lanes, holes));
}

function keyOf(kernel: string, format: Format, lanes: number, holes: Holes): string {
  const values = Object.keys(holes).sort().map((name) => `${name}=${holes[name]}`);
  return [kernel, format, lanes, ...values].join(" ");
}
