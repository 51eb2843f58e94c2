import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { histogram, notFiniteText } from "../../../examples/playground/histogram.ts";
import { drawingOf, scaled } from "../../../examples/playground/picture.ts";

describe("a histogram of the playground", () => {
  it("counts every value once, over their range", () => {
    const found = histogram(Float32Array.from({ length: 64 }, (_, i) => i));
    assertEquals(found, {
      counts: new Array(64).fill(1),
      from: 0,
      to: 63,
      mean: 31.5,
      deviation: Math.sqrt((64 * 64 - 1) / 12),
    });
  });

  it("holds values beyond four deviations in its outer bars", () => {
    const values = new Float32Array(1000).fill(0).fill(100, 0, 1).fill(-100, 1, 2);
    const found = histogram(values);
    if (!("counts" in found)) throw new Error("it must be a histogram");
    assertEquals([found.counts[0], found.counts[63]], [1, 1]);
    assertEquals(found.to, 4 * found.deviation);
  });

  it("is not made of values that are not finite; they are counted", () => {
    const found = histogram(Float32Array.of(1, NaN, 2, Infinity, NaN, -Infinity));
    assertEquals(found, { nan: 2, infinite: 2, all: 6 });
    assertEquals(
      notFiniteText({ nan: 2, infinite: 2, all: 6 }),
      "No histogram: of 6 values, 2 NaN and 2 infinite",
    );
    assertEquals(
      notFiniteText({ nan: 0, infinite: 1, all: 6 }),
      "No histogram: of 6 values, 1 infinite",
    );
  });
});

describe("a picture of the playground", () => {
  it("has magenta where a value is not finite, and the scale of those that are", () => {
    const data = Float32Array.of(0, NaN, 2, Infinity, -2, 0);
    const { points } = drawingOf(scaled([{ width: 3, height: 2, data }]));
    const colours = Array.from({ length: 6 }, (_, i) => [...points.subarray(4 * i, 4 * i + 4)]);
    // The root mean square is sqrt(2): 2 is 0.5 + 0.25 sqrt(2).
    const light = Math.round(255 * (0.5 + Math.SQRT2 / 4));
    const magenta = [255, 0, 160, 255];
    assertEquals(colours, [
      [128, 128, 128, 255],
      magenta,
      [light, light, light, 255],
      magenta,
      [255 - light, 255 - light, 255 - light, 255],
      [128, 128, 128, 255],
    ]);
  });
});
