/**
 * Entries of a state dict, checked.
 *
 * @module
 */
import type { Tensor } from "../../mod.ts";

/** Tensors by name. */
export type Entries = Readonly<Record<string, Tensor>>;

/**
 * An entry that must have a shape.
 *
 * @param shape The shape; `"any"` stands for any size.
 * @throws {TypeError} If it is missing or of another shape.
 */
export function entryOf(
  entries: Entries,
  name: string,
  shape: readonly (number | "any")[],
): Tensor {
  const entry = entries[name];
  const fits = entry?.shape.length === shape.length &&
    shape.every((size, i) => size === "any" || size === entry.shape[i]);
  if (fits) return entry;
  const got = entry === undefined ? "none" : `(${entry.shape.join(", ")})`;
  throw new TypeError(
    `Cannot load a codec: ${name} must be of shape (${shape.join(", ")}), got ${got}`,
  );
}
