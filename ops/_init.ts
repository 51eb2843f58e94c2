import { checkFlag, checkKeys } from "./_checks.ts";
import { checkVector } from "./_graph.ts";
import type { Initializer } from "./initializers.ts";
import type { Tensor } from "./tensor.ts";

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
  const made = initializer(shape);
  checkVector(action, `initializers.${name}'s result`, made, shape);
  return made;
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
    data: new Float32Array(shape.reduce((size, extent) => size * extent, 1)).fill(value),
  });
}

/**
 * Checks the size of parameters.
 *
 * @throws {RangeError} If an extent is not an integer from 1.
 */
export function checkExtents(action: string, name: string, shape: readonly number[]): void {
  const wrong = shape.find((extent) => !(Number.isInteger(extent) && extent >= 1));
  if (wrong !== undefined || shape.length === 0) {
    throw new RangeError(`Cannot ${action}: ${name} must be an integer >= 1, got ${wrong}`);
  }
}

/** Checks the options of an init function. */
export function checkInitOptions(
  action: string,
  options: object,
  flags: readonly string[],
  initializers: readonly string[],
): void {
  checkKeys(action, "options", options, [...flags, "initializers"]);
  checkKeys(
    action,
    "initializers",
    (options as { initializers?: object }).initializers ?? {},
    initializers,
  );
}
