/**
 * What a thread that computes one cell calls things.
 *
 * @module
 */
import type { Bindings } from "./bindings.ts";
import { integerText, nameOf, type Names } from "./text.ts";

/**
 * The names of a cell, whose coordinates are x, y and z.
 *
 * @param arrayOf The array of a value, where it is not one that the shader is given to read.
 */
export function cellNames(
  bindings: Bindings,
  arrayOf = (value: number) => bindings.value(value),
): Names {
  return {
    size: 1,
    isVector: () => false,
    isVectorVariable: () => false,
    integer: (at) => integerText(at),
    load: (value, at) => `${arrayOf(value)}[${integerText(at)}]`,
    scalar: (scalar) => bindings.scalar(scalar),
    local: nameOf,
  };
}
