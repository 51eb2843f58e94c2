import type { Tensor } from "./tensor.ts";
/** A function from a shape to a new tensor of that shape. */
export type Initializer = (shape: readonly number[]) => Tensor;
