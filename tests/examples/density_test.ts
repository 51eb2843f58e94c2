import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { chiBelow, marginally, radially } from "../../examples/density/gaussianize.ts";
import { marginalDivergence, pairwiseInformation } from "../../examples/density/measures.ts";
import { randomPatches, whitened, whiteningOf } from "../../examples/density/patches.ts";
import { leaves } from "../../examples/shared/leaves.ts";
import { multiply, transposed } from "../../examples/shared/linear.ts";
import { openRandom } from "../../examples/shared/random.ts";
import { assertClose } from "../support/close.ts";

const COUNT = 40000;

describe("Gaussianization", () => {
  it("knows the distribution of a radius", () => {
    // The error function at 1 / sqrt(2), and the chi distribution of two dimensions in closed form.
    assertClose([chiBelow(1, 1), chiBelow(3, 1)], [0.6826894921, 0.9973002039], 1e-9);
    for (const r of [0, 0.3, 1, 4]) {
      assertClose([chiBelow(r, 2)], [1 - Math.exp(-r * r / 2)], 1e-12);
      const three = chiBelow(r, 1) - Math.sqrt(2 / Math.PI) * r * Math.exp(-r * r / 2);
      assertClose([chiBelow(r, 3)], [three], 1e-12);
    }
  });

  it("of marginals makes them normal, and takes their divergence", () => {
    const random = openRandom(4);
    const laplace = () =>
      Math.sign(random.uniform() - 0.5) * -Math.log(1 - random.uniform()) / Math.SQRT2;
    const draw = () => Float64Array.from({ length: 2 * COUNT }, laplace);
    const { y, gain } = marginally(draw(), draw(), 2);
    assert(marginalDivergence(y, 2) < 0.02);
    // Two standard Laplace numbers: log(2 pi e) / 2 - log(2 e sqrt(1/2)) each.
    assertClose([gain], [2 * 0.0724], 0.01);
  });

  it("of the radius makes numbers with a common scale independent", () => {
    const random = openRandom(6);
    const draw = () => {
      const data = new Float64Array(3 * COUNT);
      for (let i = 0; i < COUNT; i++) {
        const scale = Math.exp(0.8 * random.normal());
        for (let c = 0; c < 3; c++) data[3 * i + c] = scale * random.normal();
      }
      return data;
    };
    const data = draw();
    const { y, gain } = radially(draw(), data, 3);
    assert(pairwiseInformation(data, 3) > 0.05);
    assert(Math.abs(pairwiseInformation(y, 3)) < 0.003);
    assert(marginalDivergence(y, 3) < 0.02);
    // All of the joint divergence: that of the radius, since directions are uniform.
    const radii = (rows: Float64Array) =>
      Float64Array.from(
        { length: COUNT },
        (_, i) => Math.hypot(...rows.subarray(3 * i, 3 * i + 3)),
      );
    const logs = radii(data).map(Math.log);
    // The radius is a chi number times the scale: its entropy is that of its logarithm and the mean of it.
    const mean = logs.reduce((sum, value) => sum + value / COUNT, 0);
    const entropy = entropyOf(logs) + mean;
    const cross = radii(data).reduce(
      (sum, r) => sum + (r * r / 2 - 2 * Math.log(r) - Math.log(Math.sqrt(2 / Math.PI))) / COUNT,
      0,
    );
    assertClose([gain], [cross - entropy], 0.05);
  });
});

/** By spacings, of numbers without long tails. */
function entropyOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const n = sorted.length;
  const m = Math.round(Math.sqrt(n));
  let entropy = 0;
  for (let i = m; i < n - m; i++) {
    entropy += Math.log((sorted[i + m] - sorted[i - m]) * n / (2 * m)) / (n - 2 * m);
  }
  return entropy;
}

describe("the divergence of marginals", () => {
  it("counts a mean and a variance that are not those of standard normal numbers", () => {
    const random = openRandom(2);
    const data = Float64Array.from({ length: COUNT }, () => 0.5 + 2 * random.normal());
    // (mean^2 + variance - 1 - log variance) / 2
    assertClose([marginalDivergence(data, 1)], [(0.25 + 4 - 1 - Math.log(4)) / 2], 0.05);
  });
});

describe("patches of pictures", () => {
  it("are whitened, without their means", () => {
    const pictures = [leaves(48, 1)];
    const patches = randomPatches(pictures, 3000, openRandom(1));
    for (let i = 0; i < 16 * 100; i += 16) {
      assertClose([patches.subarray(i, i + 16).reduce((sum, value) => sum + value, 0)], [0], 1e-12);
    }
    const z = whitened(patches, whiteningOf(patches));
    assertEquals(z.length, 15 * 3000);
    const covariance = multiply(transposed(z, 15), z, 3000, 15).map((value) => value / 3000);
    assertClose(covariance, covariance.map((_, k) => k % 16 === 0 ? 1 : 0), 1e-9);
  });

  it("have a density where a picture has few grey levels", () => {
    const flat = { width: 8, height: 8, data: new Float32Array(64).fill(0.5) };
    const patches = randomPatches([flat], 200, openRandom(1));
    assertEquals(new Set(patches).size > 3000, true);
    assert(patches.every((value) => Math.abs(value) <= 1 / 255));
  });
});
