import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mergeMoments, type Moments, moments, tensor } from "../../mod.ts";
import { flat, refuses, wrongTensors, x } from "../support/refusals.ts";

describe("moments", () => {
  refuses("take moments", moments, [
    ...wrongTensors([]),
    [
      "two ways to say what is pooled",
      [x, { axes: [0], dataFormat: "NCW" }],
      TypeError,
      "options must be one of { dataFormat }, { axes } and { groups, channelsAxis, reductionAxes }, got axes, dataFormat",
    ],
    [
      "an axis beyond the rank",
      [x, { axes: [-4] }],
      RangeError,
      "axes must be an integer from -3 to 2, got -4",
    ],
    [
      "groups that do not divide",
      [x, { groups: 3 }],
      RangeError,
      "groups must divide the 4 channels of x, got 3; " +
      "the default is 32 groups, and -1 is one per channel",
    ],
    [
      "rank 1 in groups",
      [flat, { groups: 1 }],
      TypeError,
      "x must have rank >= 2, got shape (4,)",
    ],
    ["rank 1 per channel", [flat], TypeError, "x must have rank 2 to 5, got shape (4,)"],
    [
      "weights of no items",
      [tensor(5), { axes: [], batchWeights: [1] }],
      TypeError,
      "x with batchWeights must have rank >= 1, got shape ()",
    ],
    [
      "weights of another length",
      [x, { batchWeights: [1] }],
      TypeError,
      "batchWeights must have shape (2,), got (1,)",
    ],
    [
      "a negative weight",
      [x, { batchWeights: [1, -1] }],
      RangeError,
      "batchWeights must be finite numbers >= 0, got -1",
    ],
    [
      "weights that count more than a float32 says",
      [tensor(new Float32Array(30), [3, 10]), { axes: [0, 1], batchWeights: [0, 1e37, 0] }],
      RangeError,
      "batchWeights must have a sum from 2^-126 to 2^120 over all elements, got 9.999999933815813e+37",
    ],
    [
      "weights of items that count more than a float32 says",
      [tensor(new Float32Array(30), [3, 10]), { axes: [1], batchWeights: [0, 1e37, 0] }],
      RangeError,
      "batchWeights must have a sum from 2^-126 to 2^120 over all elements, got 9.999999933815813e+37",
    ],
    [
      "weights of items that are grouped",
      [x, { groups: 1, channelsAxis: 0, batchWeights: [1, 1] }],
      TypeError,
      "batchWeights must not be combined with groups of items, got 1 groups on channelsAxis 0",
    ],
    [
      "an unknown option",
      [x, { axis: 1 }],
      TypeError,
      "options must have keys among dataFormat, axes, groups, channelsAxis, reductionAxes, batchWeights, runtime, got axis",
    ],
  ]);

  it("are merged only with others of their kind", () => {
    const one = { count: tensor(1), mean: flat, m2: flat };
    const items = { count: tensor([1, 2]), mean: flat, m2: flat };
    const texts = [
      assertThrows(() => mergeMoments(one, items), TypeError).message,
      assertThrows(() => mergeMoments(one, {} as typeof one), TypeError).message,
    ];
    assertEquals(texts, [
      "Cannot merge moments: a and b must count alike, got counts of shape () and (2,)",
      "Cannot merge moments: b must have count, mean and m2, got an object of class Object",
    ]);
  });

  it("are merged only with digits of their own shapes", () => {
    const one = { count: tensor(1), mean: flat, m2: flat };
    const wrong: [Partial<Moments>, string][] = [
      [{ low: tensor(0) }, "b.low must have the shape of b.mean, (4,), got ()"],
      [{ m2Low: tensor(0) }, "b.m2Low must have the shape of b.mean, (4,), got ()"],
      [{ countLow: flat }, "b.countLow must have the shape of b.count, (), got (4,)"],
      [{ m2: tensor(0) }, "b.m2 must have the shape of b.mean, (4,), got ()"],
    ];
    for (const [digits, text] of wrong) {
      assertThrows(
        () => mergeMoments(one, { ...one, ...digits }),
        TypeError,
        `Cannot merge moments: ${text}`,
      );
    }
  });

  it("are merged only with finite counts from 0", () => {
    const one = { count: tensor(1), mean: flat, m2: flat };
    for (const count of [-1, Infinity, NaN]) {
      assertThrows(
        () => mergeMoments(one, { ...one, count: tensor(count) }),
        RangeError,
        `Cannot merge moments: b.count must be finite numbers >= 0, got ${count}`,
      );
    }
  });

  it("are merged only where all their parts are there", () => {
    const { count, mean, m2 } = { count: tensor(1), mean: flat, m2: flat };
    const text =
      "Cannot merge moments: a must have count, mean and m2, got an object of class Object";
    for (const part of [{ mean, m2 }, { count, m2 }, { count, mean }]) {
      const merge = () => mergeMoments(part as Moments, { count, mean, m2 });
      assertThrows(merge, TypeError, text);
    }
  });
});
