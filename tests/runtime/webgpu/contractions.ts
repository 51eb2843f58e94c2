/**
 * Launches of the kernels that are contractions.
 *
 * @module
 */
import { kernels } from "../../../generated/kernels.ts";
import type { Kernel } from "../../../ops/plan/kernel.ts";
import type { Extents, Launch, LaunchArgument } from "../../../ops/plan/program.ts";
import { random } from "../../support/random.ts";

/** The kernels that add up products of what lies along two axes of their grid, by their templates. */
export const contractions: readonly Kernel[] = kernels.filter(({ kernel, lanes }) =>
  lanes === 1 && /^(gdn|gdnSum|gdnBack|gdnOuter|matmul)$/.test(kernel)
);

/** Extents of a case: positions and rows are `s`, terms `inner` where they are not channels. */
export interface Size {
  readonly n: number;
  readonly c: number;
  readonly s: number;
  readonly inner: number;
}

/** The launch of a kernel. */
export function launchOf(kernel: Kernel, size: Size): Launch {
  let values = 0;
  let scalars = 0;
  const args = kernel.arguments.map(({ name, kind }): LaunchArgument =>
    kind === "scalar"
      ? { scalar: scalars++ }
      : { value: values++, extents: extentsOf(kernel, name, kind, size) }
  );
  const grid = gridOf(kernel, size);
  return { kernel, grid, constants: constantsOf(kernel, size), arguments: args, result: values };
}

/** What a launch is given, and how long its result is. */
export interface Given {
  readonly values: readonly Float32Array<ArrayBuffer>[];
  readonly scalars: readonly number[];
  readonly length: number;
}

/**
 * Numbers for a launch: whole ones, so small that sums of their products are exact, or some around 100,
 * of which every sum is rounded.
 */
export function givenFor({ arguments: args, grid }: Launch, whole: boolean): Given {
  const next = random(args.length + grid[0]);
  const values: Float32Array<ArrayBuffer>[] = [];
  const scalars: number[] = [];
  for (const argument of args) {
    if ("scalar" in argument) scalars.push(0.3);
    else {
      const length = lengthOf(argument.extents);
      values.push(
        Float32Array.from({ length }, () => whole ? 1 + Math.floor(8 * next()) : 100 + next()),
      );
    }
  }
  return { values, scalars, length: lengthOf(grid) };
}

function lengthOf(extents: Extents): number {
  return extents.reduce((product, extent) => product * extent);
}

function gridOf({ kernel, format }: Kernel, { n, c, s }: Size): Extents {
  if (kernel === "matmul") return [c, s, 1];
  if (kernel === "gdnOuter") return [c, c, n];
  return format === "channelsFirst" ? [s, c, n] : [c, s, n];
}

function extentsOf(
  { kernel, format, holes }: Kernel,
  name: string,
  kind: string,
  { n, c, s, inner }: Size,
): Extents {
  if (kernel === "matmul") {
    if (name === "a") return holes.TRANSPOSE_A ? [s, inner, 1] : [inner, s, 1];
    return holes.TRANSPOSE_B ? [inner, c, 1] : [c, inner, 1];
  }
  if (kernel === "gdnOuter") return format === "channelsFirst" ? [s, c, n] : [c, s, 1];
  if (kind === "vector") return [c, 1, 1];
  if (kind === "matrix") return [c, c, 1];
  return format === "channelsFirst" ? [s, c, n] : [c, s, n];
}

/** In channelsLast, gdnOuter adds up a chunk of all positions for each of `n`. */
function constantsOf({ kernel, format }: Kernel, { n, c, s, inner }: Size): Launch["constants"] {
  const length = format === "channelsLast" ? Math.ceil(s / n) : s;
  const terms = kernel === "matmul" ? inner : length;
  // Sums are nested, in blocks of about the square root of their terms.
  const block = Math.ceil(Math.sqrt(terms));
  const blocks = Math.ceil(terms / block);
  return { channels: c, positions: s, inner, length, block, blocks };
}
