/**
 * What the layers are given, checked.
 *
 * @module
 */
import type { Shape, TfTensor } from "./tensorflow.ts";

/** Refuses layers of other types; a policy of mixed precision is an object. */
export function checkType(action: string, type: unknown): void {
  if (type === undefined || type === null || type === "float32") return;
  throw new TypeError(`Cannot ${action}: dtype must be float32, got ${JSON.stringify(type)}`);
}

/** The one tensor that a layer is called with. */
export function onlyTensor(action: string, inputs: TfTensor | readonly TfTensor[]): TfTensor {
  const all = [inputs].flat() as readonly TfTensor[];
  if (all.length !== 1) {
    throw new TypeError(`Cannot ${action}: inputs must be one tensor, got ${all.length}`);
  }
  return all[0];
}

/** The shape of the one tensor that a layer will be called with. */
export function onlyShape(action: string, shapes: Shape | readonly Shape[]): Shape {
  if (!Array.isArray(shapes[0])) return shapes as Shape;
  if (shapes.length !== 1) {
    throw new TypeError(`Cannot ${action}: inputs must be one tensor, got ${shapes.length}`);
  }
  return shapes[0];
}

/** How many channels there are along an axis of the input. */
export function channelsAlong(action: string, shape: Shape, axis: number): number {
  const channels = shape[axis];
  if (channels === null) {
    throw new TypeError(
      `Cannot ${action}: axis ${axis} of the input must have a fixed size, got null`,
    );
  }
  return channels;
}
