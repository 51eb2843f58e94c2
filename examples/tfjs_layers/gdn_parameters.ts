/**
 * The stored parameters of GDN, as TensorFlow Compression keeps, bounds and saves them.
 *
 * @module
 */
import type { Saved } from "./parts.ts";
import type { Config, Initializer, Shape, Tf, Weight } from "./tensorflow.ts";

/** What is done where an error is found in what a layer is made from. */
export const ACTION = "make a GDN";

const PARAMETER = "tensorflow_compression>GDNParameter";
/** Unless a saved layer says otherwise. */
const OFFSET = 2 ** -18;
const MINIMUM = { beta: 1e-6, gamma: 0 } as const;

/** What bounds the stored parameters. */
export interface Bounds {
  readonly betaMin: number;
  readonly reparamOffset: number;
}

/** The bounds of a layer that may have been saved. */
export function boundsOf(
  { betaParameter, gammaParameter }: {
    readonly betaParameter?: Saved | null;
    readonly gammaParameter?: Saved | null;
  },
): Bounds {
  const beta = boundOf("betaParameter", betaParameter, MINIMUM.beta);
  const gamma = boundOf("gammaParameter", gammaParameter, MINIMUM.gamma);
  if (gamma.minimum !== 0) {
    throw new RangeError(
      `Cannot ${ACTION}: gammaParameter must have a minimum of 0, got ${gamma.minimum}`,
    );
  }
  if (gamma.offset !== beta.offset) {
    throw new RangeError(
      `Cannot ${ACTION}: gammaParameter must have the offset of betaParameter, ${beta.offset}, got ${gamma.offset}`,
    );
  }
  return { betaMin: beta.minimum, reparamOffset: beta.offset };
}

/** What a saved layer says of one of its parameters. */
function boundOf(name: string, given: Saved | null | undefined, minimum: number) {
  if (given === null || given === undefined) return { minimum, offset: OFFSET };
  // TensorFlow.js turns what it reads into camel case, names of packages as well.
  if (!/>GDNParameter$/.test(given.className)) {
    throw new TypeError(
      `Cannot ${ACTION}: ${name} must be a GDNParameter, got ${JSON.stringify(given)}`,
    );
  }
  const own = { minimum, offset: OFFSET, ...given.config };
  for (const [key, value] of [["minimum", own.minimum], ["offset", own.offset]] as const) {
    if (!(typeof value === "number" && value >= 0 && value < Infinity)) {
      throw new RangeError(
        `Cannot ${ACTION}: ${name} must have a ${key} that is finite and >= 0, got ${value}`,
      );
    }
  }
  return own;
}

/** How a layer saves one of its parameters, once it has them. */
export function savedParameter(
  name: string,
  minimum: number,
  offset: number,
  weight: Weight | undefined,
): Config | null {
  if (weight === undefined) return null;
  const shape = weight.shape as number[];
  const config = { name, initialValue: null, minimum, offset, shape, dtype: "float32" };
  return { className: PARAMETER, config };
}

/** Makes the stored form of what an initializer makes: `sqrt(max(value, minimum) + offset^2)`. */
export function storing(
  tf: Tf,
  initializer: Initializer,
  minimum: number,
  offset: number,
): Initializer {
  const apply = (shape: Shape) =>
    tf.tidy(() => {
      const values = tf.maximum(initializer.apply(shape, "float32"), minimum);
      return tf.sqrt(tf.add(values, offset ** 2));
    });
  return Object.assign(Object.create(initializer), { apply });
}
