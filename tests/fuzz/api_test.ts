import { activations } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { activated, nearKink, slopeOf } from "./api/activation.ts";
import { elementaryOf } from "./api/elementary.ts";
import { families } from "./api/families.ts";
import { ApiFuzz, caseOf, openFuzzed } from "./api/fuzz.ts";
import { Tracked } from "./api/tracked.ts";
import { findingOf } from "./api/trial.ts";
import { backends } from "../support/backends.ts";
import { gradientOf } from "../support/slope.ts";

/** A slice of `deno task fuzz api`: a fixed seed, and few structures, most of which are met. */
const CASES = { wasm: 600, cpu: 150, webgpu: 150 } as const;
const OPTIONS = { seed: 20, structures: 6, hard: false };

describe("the whole API", () => {
  for (const { name, skip } of backends) {
    if (name === "webgl2") continue;
    const count = CASES[name];
    (skip === undefined ? it : it.skip)(`gives float64's numbers on ${name}`, async () => {
      await using runtime = await openFuzzed(name);
      const fuzz = new ApiFuzz(runtime, OPTIONS);
      for (let index = 0; index < count; index++) await fuzz.check(fuzz.nameOf(index));
      const met = new Set([...fuzz.closest.keys()].map((key) => key.split(" ")[0]));
      assertEquals([...met].sort(), Object.keys(families).sort());
    });
  }
});

describe("the fuzz of the API", () => {
  it("finds a wrong number, a wrong shape and a missing result", () => {
    const expected = { y: { shape: [2], values: [1, 2], allowed: [1e-6, 1e-6] } };
    const find = (answers: Parameters<typeof findingOf>[0]) =>
      findingOf(answers, expected, "op", new Map())?.message;
    const y = (...values: number[]) => ({
      y: { shape: [2], data: Float32Array.from(values) },
    });
    assertEquals(find(y(1, 2)), undefined);
    assertEquals(find(y(1, 2.5)), "y[1] must be 2 within 1.00e-6, is 2.5, off by 5.00e-1");
    assertEquals(find(y(NaN, 2)), "y[0] must be 1 within 1.00e-6, is NaN, off by NaN");
    assertEquals(
      find({ y: { shape: [1, 2], data: new Float32Array(2) } }),
      "y must have shape (2), has (1,2) of 2",
    );
    assertEquals(find({}), "must give y, gave ");
    const sure = { y: { shape: [2], values: [NaN, Infinity], allowed: [0, 0] } };
    const findSure = (...values: number[]) => findingOf(y(...values), sure, "op", new Map());
    assertEquals(findSure(NaN, Infinity), undefined);
    assert(findSure(1, Infinity) !== undefined && findSure(NaN, -Infinity) !== undefined);
    const open = { y: { shape: [2], values: [1, 2], allowed: [Infinity, 0] } };
    assertEquals(findingOf(y(NaN, 2), open, "op", new Map()), undefined);
  });

  it("takes a case as a failure names it, and nothing less", () => {
    assertEquals(caseOf("gdn/17/42"), { op: "gdn", structure: 17, seed: 42 });
    for (
      const text of ["gdn", "gdn/1", "gdn/1/", "gdn/a/2", "gdn/1/-2", "gdn/1/2/3", "toString/1/2"]
    ) {
      assertThrows(
        () => caseOf(text),
        RangeError,
        `Cannot fuzz: --case must be OP/S/SEED, as a failure names it, got ${text}`,
      );
    }
  });

  it("says how to see a failure again", async () => {
    await using runtime = await openFuzzed("wasm");
    const fuzz = new ApiFuzz(runtime, OPTIONS);
    const failing = { ...fuzz.nameOf(0), op: "gdn" };
    await runtime.dispose();
    const error = await assertRejects(() => fuzz.check(failing), Error);
    const again =
      `deno task fuzz api --backend=wasm --case=gdn/${failing.structure}/${failing.seed}`;
    assert(error.message.includes(again), error.message);
  });

  it("asks shaders for what WGSL promises", () => {
    const { exp, log, pow } = elementaryOf("webgpu");
    const unit = 2 ** -23;
    assertEquals(exp.off(-1), 5 * unit * Math.exp(-1));
    assertEquals([log.off(1), log.off(2), log.off(0.5)], [2 ** -21, 2 ** -21, 2 ** -21]);
    assertEquals(log.off(8), 3 * unit * Math.log(8));
    // 8^1.5 = 2^4.5: 12 units, and the errors of the logarithm 3 and of its product with 1.5.
    const share = 12 * unit + Math.LN2 * (1.5 * 9 * unit + 4.5 * unit / 2);
    assertEquals(pow(1.5).off(8), share * 8 ** 1.5);
    const value = new Tracked([3], Float64Array.of(1, NaN, -Infinity)).normal();
    assertEquals(value.expected().allowed[0] < 1e-36, true);
    assertEquals(Array.from(value.expected().allowed).slice(1), [Infinity, Infinity]);
  });

  it("knows the slope of every activation", () => {
    for (const activation of activations) {
      for (const z of [-7, -2.5, -0.3, 0.4, 3, 5.5, 8]) {
        if (nearKink(z, activation, 0.01)) continue;
        const [slope] = gradientOf(([x]) => activated(x, activation), [z]);
        // Differences of fourth order are off by about 1e-11 here.
        assert(Math.abs(slopeOf(z, activation) - slope) < 1e-9, `${activation} at ${z}`);
      }
    }
  });
});
