import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fitted, type Setting } from "../../examples/codec/fit.ts";
import { coded, type Design, loss, start } from "../../examples/codec/model.ts";
import { cosines, orthogonal, turned } from "../../examples/codec/transforms.ts";
import { leaves } from "../../examples/shared/leaves.ts";
import { multiply } from "../../examples/shared/linear.ts";
import { openRandom } from "../../examples/shared/random.ts";
import { createRuntime, tensor } from "../../mod.ts";
import { assertClose } from "../support/close.ts";

const SIDE = 4;
const POINTS = SIDE * SIDE;
const DESIGN: Design = {
  kind: "linear",
  layers: 2,
  isCodeNormalized: false,
  basis: "cosines",
  gamma: 0.001,
};
const random = openRandom(5);
const x = tensor(
  Float32Array.from({ length: 30 * POINTS }, () => 20 * random.normal()),
  [30, POINTS],
);

describe("the codec of the example", () => {
  it("starts from orthogonal transforms", () => {
    const unit = Float64Array.from({ length: POINTS ** 2 }, (_, k) => k % (POINTS + 1) ? 0 : 1);
    for (const matrix of [cosines(SIDE), orthogonal(POINTS, random)]) {
      const product = multiply(matrix.data, turned(matrix).data, POINTS, POINTS);
      assertClose(product, unit, 1e-6);
    }
    // The first column is the mean, up to its scale.
    for (let i = 0; i < POINTS; i++) assertClose([cosines(SIDE).data[i * POINTS]], [0.25], 1e-6);
  });

  for (const layers of [1, 2, 3]) {
    for (const isCodeNormalized of [false, true]) {
      it(`undoes itself up to rounding: ${layers} layers, code normalized: ${isCodeNormalized}`, async () => {
        await using runtime = await createRuntime({ backend: "wasm" });
        for (const basis of ["random", "cosines"] as const) {
          const linear = { ...DESIGN, layers, isCodeNormalized, basis };
          const { model } = start(linear, SIDE, openRandom(2));
          const { codes, decoded } = await coded(model, linear, x, runtime);
          assert(codes.data.every(Number.isInteger));
          // Rounding moves a point by 1/sqrt(12) on average, in whatever orthogonal basis.
          const errors = decoded.data.map((value, i) => value - x.data[i]);
          assertClose([errors.reduce((sum, e) => sum + e * e / errors.length, 0)], [1 / 12], 0.02);
          // GDN with gamma 0 is the same codec.
          const gdn = { ...linear, kind: "GDN", gamma: 0 } as const;
          const same = await coded(start(gdn, SIDE, openRandom(2)).model, gdn, x, runtime);
          const moved = same.codes.data.filter((code, i) => code !== codes.data[i]).length;
          assert(moved <= 2, `${moved} codes`);
        }
      });
    }
  }

  it("has one nonlinearity less than layers, unless it follows the code", () => {
    const count = (design: Partial<Design>) => {
      const { model } = start({ ...DESIGN, kind: "GDN", ...design }, SIDE, openRandom(1));
      return [model.analysis, model.synthesis].map((half) =>
        half.map(({ gdn }) => gdn === undefined ? 0 : 1)
      );
    };
    assertEquals(count({ layers: 1 }), [[0], [0]]);
    assertEquals(count({ layers: 1, isCodeNormalized: true }), [[1], [1]]);
    assertEquals(count({ layers: 2 }), [[1, 0], [0, 1]]);
    assertEquals(count({ layers: 3, isCodeNormalized: true }), [[1, 1, 1], [1, 1, 1]]);
  });

  it("has a loss of rate and error", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const { model } = start(DESIGN, SIDE, openRandom(1));
    const noise = tensor(new Float32Array(30 * POINTS).fill(0.25), [30, POINTS]);
    const found = await loss(model, DESIGN, { x, noise, lambda: 2 }, runtime);
    // Noise of 1/4 in every code is an error of as much; the code of a logistic number by definition.
    const codes = multiply(x.data, cosines(SIDE).data, POINTS, POINTS).map((code) => code + 0.25);
    const rate = codes.reduce((sum, c) => sum + c + 2 * Math.log1p(Math.exp(-c)), 0) / 30;
    assertClose([found], [rate + 2 * POINTS / 16], 0.01);
  });

  it("learns: the costs fall, and fits are the same when repeated", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const pictures = [leaves(32, 1), leaves(32, 2)];
    const fit = (steps: number, kind: Design["kind"]) => {
      const setting: Setting = {
        design: { ...DESIGN, kind },
        lambda: 0.3,
        learningRate: 0.01,
        steps,
        seed: 3,
      };
      let calls = 0;
      return fitted(setting, pictures, leaves(32, 3), runtime, () => calls++)
        .then((outcome) => ({ ...outcome, calls }));
    };
    for (const kind of ["linear", "ReLU", "GDN"] as const) {
      const before = await fit(1, kind);
      const after = await fit(40, kind);
      assertEquals(after.calls, 40);
      assert(after.costs.trained < before.costs.trained, kind);
      assert(after.costs.heldBack < before.costs.heldBack, kind);
      assertEquals(await fit(40, kind), after);
      // Bits of error, of points in steps of 1/16 of the range.
      const error = 0.3 * 256 * 10 ** (-after.quality / 10) / Math.LN2;
      assertClose([after.costs.coded], [after.rate + error], 1e-9);
    }
  });
});
