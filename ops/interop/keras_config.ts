/**
 * The part of a Keras layer's configuration that changes no numbers.
 *
 * @module
 */

/** Fields of `get_config()` that a conversion takes and does not use. */
export interface KerasUnusedConfig {
  /** Not used. */
  readonly name?: unknown;
  /** Not used: everything is float32. */
  readonly dtype?: unknown;
  /** Not used. */
  readonly batch_input_shape?: unknown;
  /** Not used: there are weights. */
  readonly [initializer: `${string}_initializer`]: unknown;
  /** Not used: it is for a loss. */
  readonly [regularizer: `${string}_regularizer`]: unknown;
  /** Not used: it is for an optimizer. */
  readonly [constraint: `${string}_constraint`]: unknown;
}

/** The names of these fields for a layer's weights. */
export function unusedNames(weights: readonly string[]): string[] {
  const about = ["initializer", "regularizer", "constraint"].flatMap((what) =>
    weights.map((name) => `${name}_${what}`)
  );
  return ["name", "dtype", "batch_input_shape", ...about];
}
