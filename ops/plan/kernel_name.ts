/**
 * How kernels are named.
 *
 * A name is `<kernel><Format><Flags>[X<lanes>]`: the template function; ChannelsLast, ChannelsFirst
 * or nothing for flat; for each hole of the row in turn nothing if it is false or "none", its own
 * name if it is true, else its value, all in PascalCase; X4 for four lanes.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";

/** The name of a kernel. */
export function nameOf(
  { kernel, format, lanes, holes }: Pick<Kernel, "kernel" | "format" | "lanes" | "holes">,
): string {
  const flags = Object.entries(holes).map(([hole, value]) => {
    if (value === true) return pascal(hole.toLowerCase());
    return value === false || value === "none" ? "" : pascal(value);
  });
  const place = format === "flat" ? "" : pascal(format);
  return `${kernel}${place}${flags.join("")}${lanes > 1 ? `X${lanes}` : ""}`;
}

/** Kernels with their names, which generated/ leaves out: a page would load each of them twice. */
export function named(kernels: readonly Omit<Kernel, "name">[]): readonly Kernel[] {
  return kernels.map((kernel) => ({ name: nameOf(kernel), ...kernel }));
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
