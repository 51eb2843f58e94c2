import type { HoleValues } from "./fold.ts";
import type { Variant } from "../manifest.ts";
import type { Template } from "../template.ts";

/** The hole that any template may declare: its value is the variant's format. */
const FORMAT = "FORMAT";

/**
 * The values of a template's holes in one variant, FORMAT among them.
 *
 * @throws {TypeError} If the row's holes are not the holes that the template uses, or one has a
 * value that its type does not name.
 */
export function holeValues(template: Template, variant: Variant): HoleValues {
  const values: HoleValues = { ...variant.holes, [FORMAT]: variant.format };
  const given = Object.keys(variant.holes).sort().join(", ");
  const used = [...template.holes.keys()].filter((hole) => hole !== FORMAT).sort().join(", ");
  if (given !== used) {
    throw new TypeError(
      `Cannot specialize ${variant.name}: holes must be [${used}], got [${given}]`,
    );
  }
  for (const [hole, allowed] of template.holes) {
    if (!allowed.includes(values[hole])) {
      const rule = `${hole} must be one of ${allowed.join(", ")}`;
      throw new TypeError(`Cannot specialize ${variant.name}: ${rule}, got ${values[hole]}`);
    }
  }
  return values;
}
