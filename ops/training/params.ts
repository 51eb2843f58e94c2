/**
 * Initial parameters of the norms.
 *
 * @module
 */
import { checkFlag, checkNames, extentsOf, type Keys } from "../tensor/arguments.ts";
import { vectorFrom } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/types.ts";
import type { Initializer } from "./initializers.ts";

/**
 * What an initializer makes of a shape.
 *
 * @throws {TypeError} If it is not a function, or makes something of another shape.
 */
export function initialized(
  action: string,
  name: string,
  initializer: Initializer,
  shape: readonly number[],
): Tensor {
  if (typeof initializer !== "function") {
    throw new TypeError(
      `Cannot ${action}: initializers.${name} must be a function of a shape, got ${typeof initializer}`,
    );
  }
  return vectorFrom(action, `initializers.${name}'s result`, initializer([...shape]), shape);
}

/** Beta and gamma as flags and initializers say. */
export function initializedParams(
  action: string,
  shape: readonly number[],
  options: {
    readonly center: boolean;
    readonly scale: boolean;
    readonly initializers: Readonly<Partial<Record<"beta" | "gamma", Initializer>>>;
  },
): { beta?: Tensor; gamma?: Tensor } {
  const { center, scale, initializers } = options;
  checkFlag(action, "center", center);
  checkFlag(action, "scale", scale);
  const { beta = filled(0), gamma = filled(1) } = initializers;
  return {
    ...(center && { beta: initialized(action, "beta", beta, shape) }),
    ...(scale && { gamma: initialized(action, "gamma", gamma, shape) }),
  };
}

/** An initializer that makes every element one number. */
export function filled(value: number): Initializer {
  return (shape) => ({
    shape: [...shape],
    data: new Float32Array(sizeOf(shape)).fill(value),
  });
}

/**
 * Checks the size of parameters.
 *
 * @returns The shape, a copy.
 * @throws {TypeError} If it is not an array.
 * @throws {RangeError} If an extent is not an integer from 1.
 */
export function checkExtents(action: string, name: string, shape: readonly number[]): number[] {
  const extents = extentsOf(action, name, shape);
  if (extents.length === 0 || extents.includes(0)) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be an integer >= 1, got ${extents.length === 0 ? "()" : 0}`,
    );
  }
  return extents;
}

/** The options of an init function, and its initializers, each read once. */
export function initOptions<O extends { readonly initializers?: object }>(
  action: string,
  options: O,
  keys: Keys<NoInfer<O>>,
  initializers: Keys<NonNullable<NoInfer<O>["initializers"]>>,
): O {
  const own = checkNames(action, "options", options, Object.keys(keys));
  if (own.initializers === undefined) return own;
  const named = checkNames(
    action,
    "initializers",
    own.initializers,
    Object.keys(initializers),
  );
  return { ...own, initializers: named };
}
