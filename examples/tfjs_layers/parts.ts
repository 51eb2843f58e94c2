/**
 * Initializers, regularizers and constraints as they stand in a saved model.
 *
 * @module
 */
import type {
  Config,
  Constraint,
  Initializer,
  Regularizer,
  Serializable,
  Tf,
} from "./tensorflow.ts";

/** A part, its name as in `tf.layers` ("ones"), or how a model has saved it. */
export type Given<T> = T | string | Saved | null | undefined;

/** How a model saves a part. */
export interface Saved {
  readonly className: string;
  readonly config: Config;
}

/** Names of Keras' that TensorFlow.js does not know, with what it has instead. */
const OTHERWISE: Readonly<Record<string, (config: Config) => Saved>> = {
  L1: ({ l1 }) => ({ className: "L1L2", config: { l1, l2: 0 } }),
  L2: ({ l2 }) => ({ className: "L1L2", config: { l1: 0, l2 } }),
  L1l2: (config) => ({ className: "L1L2", config }),
};

/**
 * The part that is meant.
 *
 * @param tf The library.
 * @param what Which argument it is, for errors.
 * @param given As it was given.
 * @returns The part, or `undefined` if none is meant.
 */
export function partOf<T extends Initializer | Regularizer | Constraint>(
  tf: Tf,
  what: string,
  given: Given<T>,
): T | undefined {
  if (given === null || given === undefined) return undefined;
  if (typeof given === "object" && "apply" in given) return given;
  const { className, config } = named(given);
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (known === undefined) {
    throw new TypeError(
      `Cannot make a layer: ${what} must be known to TensorFlow.js, got ${className}`,
    );
  }
  const [constructor, fromConfig] = known;
  return fromConfig(constructor, config) as unknown as T;
}

/** How a part is saved. */
export function savedPart(part: Serializable | undefined): Config | null {
  return part === undefined ? null : { className: part.getClassName(), config: part.getConfig() };
}

function named(given: string | Saved): Saved {
  const saved = typeof given === "string"
    ? { className: given[0].toUpperCase() + given.slice(1), config: {} }
    : given;
  return OTHERWISE[saved.className]?.(saved.config) ?? saved;
}
