import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tensor } from "../../mod.ts";
import {
  constant,
  identity,
  type Initializer,
  ones,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
  zeros,
} from "../../ops/training/mod.ts";

/** Elements in the samples below; their mean is right to 5 / sqrt(COUNT) deviations. */
const COUNT = 40000;
const SHAPE = [200, 200];

function summary(initializer: Initializer, shape: number[] = SHAPE) {
  const { data } = initializer(shape);
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
  const variance = data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length;
  return { mean, stddev: Math.sqrt(variance), most: Math.max(...data.map(Math.abs)) };
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual - expected) <= tolerance, `${actual} must be near ${expected}`);
}

describe("fixed initializers", () => {
  it("fill a shape", () => {
    assertEquals(zeros()([2]), tensor([0, 0]));
    assertEquals(ones()([1, 2]), tensor([[1, 1]]));
    assertEquals(constant(3)([]), tensor(3));
    assertEquals(zeros()([0, 2]), tensor(new Float32Array(0), [0, 2]));
  });

  it("make an identity of any matrix", () => {
    assertEquals(identity()([2, 3]), tensor([[1, 0, 0], [0, 1, 0]]));
    assertEquals(identity(0.1)([2, 2]), tensor([[0.1, 0], [0, 0.1]]));
  });

  it("do not share tensors or shapes with the caller", () => {
    const shape = Object.freeze([2]);
    const make = zeros();
    make(shape).data.fill(7);
    assertEquals(make(shape), tensor([0, 0]));
  });
});

describe("random initializers", () => {
  const all: Record<string, (seed: number) => Initializer> = {
    randomNormal: (seed) => randomNormal({ seed }),
    randomUniform: (seed) => randomUniform({ seed }),
    truncatedNormal: (seed) => truncatedNormal({ seed }),
    varianceScaling: (seed) => varianceScaling({ seed }),
  };
  for (const [name, make] of Object.entries(all)) {
    it(`${name} depends on the seed alone`, () => {
      const initializer = make(5);
      assertEquals(initializer([3, 4]), initializer([3, 4]));
      assertEquals(make(0)([4]), make(0)([4]));
      const seeds = [0, 1, 2, 2 ** 32, 2 ** 52].map((seed) => make(seed)([8]).data.join());
      assertEquals(new Set(seeds).size, seeds.length);
      assertNotEquals(make(1)([8]), make(2)([8]));
    });
  }

  // A mean of COUNT samples lies within 5 deviations / sqrt(COUNT), a deviation within 5 / sqrt(2 COUNT).
  const tolerance = 5 / Math.sqrt(COUNT);

  it("randomNormal has its mean and deviation", () => {
    const { mean, stddev, most } = summary(randomNormal({ mean: 3, stddev: 2, seed: 1 }));
    assertNear(mean, 3, 2 * tolerance);
    assertNear(stddev, 2, 2 * tolerance);
    assert(most > 3 + 2 * 2.5);
  });

  it("randomUniform fills its range", () => {
    const { mean, stddev } = summary(randomUniform({ min: -1, max: 3, seed: 1 }));
    assertNear(mean, 1, 4 * tolerance);
    assertNear(stddev, 4 / Math.sqrt(12), 4 * tolerance);
    const { data } = randomUniform({ min: -1, max: 3, seed: 1 })(SHAPE);
    assert(data.every((v) => v >= -1 && v <= 3));
  });

  it("truncatedNormal stays within two deviations", () => {
    const { mean, stddev, most } = summary(truncatedNormal({ seed: 1 }));
    assertNear(mean, 0, tolerance);
    assertNear(stddev, 0.87962566, tolerance);
    assert(most <= 2 && most > 1.9);
  });

  const cases = [
    { mode: "fanIn", shape: [100, 400], variance: 1 / 100 },
    { mode: "fanOut", shape: [100, 400], variance: 1 / 400 },
    { mode: "fanAvg", shape: [100, 400], variance: 1 / 250 },
    { mode: "fanIn", shape: [4, 10, 1000], variance: 1 / 40 },
    { mode: "fanIn", shape: [40000], variance: 1 / 40000 },
  ] as const;
  for (const { mode, shape, variance } of cases) {
    for (const distribution of ["normal", "untruncatedNormal", "uniform"] as const) {
      it(`varianceScaling has variance ${variance} with ${mode}, ${distribution}, (${shape})`, () => {
        const options = { scale: 2, mode, distribution, seed: 3 };
        const { mean, stddev, most } = summary(varianceScaling(options), [...shape]);
        const expected = Math.sqrt(2 * variance);
        assertNear(mean, 0, expected * tolerance);
        assertNear(stddev, expected, expected * tolerance);
        if (distribution === "uniform") assert(most <= Math.sqrt(3) * expected * 1.000001);
      });
    }
  }
});

describe("initializers refuse", () => {
  const cases: [string, () => unknown, typeof TypeError | typeof RangeError, string][] = [
    [
      "a value that is no number",
      () => constant("1" as unknown as number),
      TypeError,
      "value must be a number, got string",
    ],
    [
      "an infinite gain",
      () => identity(Infinity),
      RangeError,
      "gain must be a finite number, got Infinity",
    ],
    [
      "a mean of NaN",
      () => randomNormal({ mean: NaN }),
      RangeError,
      "mean must be a finite number, got NaN",
    ],
    [
      "a negative deviation",
      () => truncatedNormal({ stddev: -1 }),
      RangeError,
      "stddev must be >= 0, got -1",
    ],
    [
      "crossed bounds",
      () => randomUniform({ min: 1, max: 0 }),
      RangeError,
      "max must be >= min, got 0 and 1",
    ],
    [
      "a fractional seed",
      () => randomNormal({ seed: 0.5 }),
      RangeError,
      "seed must be a safe integer >= 0, got 0.5",
    ],
    ["a scale of 0", () => varianceScaling({ scale: 0 }), RangeError, "scale must be > 0, got 0"],
    [
      "an unknown mode",
      () => varianceScaling({ mode: "fan" as "fanIn" }),
      TypeError,
      "mode must be one of fanIn, fanOut, fanAvg, got fan",
    ],
    [
      "an unknown distribution",
      () => varianceScaling({ distribution: "cauchy" as "uniform" }),
      TypeError,
      "distribution must be one of normal, truncatedNormal, untruncatedNormal, uniform, got cauchy",
    ],
  ];
  for (const [what, make, type, text] of cases) {
    it(what, () => {
      assertEquals(assertThrows(make, type).message, `Cannot make an initializer: ${text}`);
    });
  }

  it("a wrong shape", () => {
    assertEquals(
      assertThrows(() => zeros()([-1]), RangeError).message,
      "Cannot initialize: shape must hold integers >= 0, got -1",
    );
    assertEquals(
      assertThrows(() => identity()([2]), TypeError).message,
      "Cannot initialize: shape must have rank 2 for identity, got (2,)",
    );
  });
});
