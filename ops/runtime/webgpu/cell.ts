/**
 * What a thread that computes one cell calls things.
 *
 * @module
 */
import type { Bindings } from "./bindings.ts";
import { integerText, nameOf, type Names } from "./text.ts";

/** The names of a cell, whose coordinates are x, y and z. */
export function cellNames(bindings: Bindings): Names {
  return {
    size: 1,
    isVector: () => false,
    isVectorVariable: () => false,
    integer: (at) => integerText(at),
    load: (value, at) => `${bindings.value(value)}[${integerText(at)}]`,
    scalar: (scalar) => bindings.scalar(scalar),
    local: nameOf,
  };
}
