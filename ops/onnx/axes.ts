/**
 * Tensors as their parts: what kernels see as kept and pooled parts, as axes of a tensor in a graph.
 *
 * @module
 */
import type { Part } from "../norm/parts.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Graph, Value } from "./graph.ts";
import { reshape } from "./operators.ts";

/** A tensor with axes that are pooled, and those over which parameters lie. */
export interface Pooled {
  readonly x: Value;
  readonly pooled: readonly number[];
  /** The axes of the channels: those of the groups, and those of the channels in a group. */
  readonly channels: readonly number[];
}

/** A tensor as its parts: itself where each part is axes of it, else under another shape. */
export function pooledParts(g: Graph, x: Value, parts: readonly Part[]): Pooled {
  const axes = axesOfParts(x.shape, parts);
  if (axes === undefined) {
    const shape = parts.map(({ size }) => size);
    return pooledAxes(reshape(g, x, shape), parts, parts.map((_, i) => [i]));
  }
  return pooledAxes(x, parts, axes);
}

function pooledAxes(
  x: Value,
  parts: readonly Part[],
  axes: readonly (readonly number[])[],
): Pooled {
  const those = (wanted: (part: Part) => boolean) =>
    parts.flatMap((part, i) => wanted(part) ? axes[i] : []);
  return {
    x,
    pooled: those(({ pooled }) => pooled),
    channels: those(({ channel }) => channel !== undefined),
  };
}

/** A parameter under a shape in which it lies over the channels of a tensor. */
export function overChannels(g: Graph, vector: Value, { x, channels }: Pooled): Value {
  // Axes of one element in front need not be there.
  const shape = x.shape.map((extent, axis) => channels.includes(axis) ? extent : 1);
  return reshape(g, vector, shape.slice(Math.min(...channels)));
}

/**
 * The axes of a shape that each part consists of. `undefined` if a part is less than an axis, or if
 * nothing would be pooled, as an empty list of axes stands for all of them.
 */
function axesOfParts(shape: readonly number[], parts: readonly Part[]): number[][] | undefined {
  let next = 0;
  const found = parts.map(({ size }) => {
    const axes: number[] = [];
    if (shape[next] === 1 && size === 1) axes.push(next++);
    while (next < shape.length && sizeOf(axes.map((axis) => shape[axis])) < size) axes.push(next++);
    return axes;
  });
  // Axes of one element at the end.
  while (next < shape.length && shape[next] === 1) found[found.length - 1].push(next++);
  const fits = next === shape.length &&
    parts.every(({ size }, i) => sizeOf(found[i].map((axis) => shape[axis])) === size);
  const pools = parts.some(({ pooled }, i) => pooled && found[i].length > 0);
  return fits && pools ? found : undefined;
}
