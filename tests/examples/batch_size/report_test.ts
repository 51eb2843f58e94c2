import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cellOf, chartOf, tablesOf, textOf } from "../../../examples/batch_size/report.ts";
import { ALL, NORMS, VARIANTS } from "../../../examples/batch_size/norms.ts";
import type { Result } from "../../../examples/batch_size/training.ts";

const SIZES = [2, 4];
const CORRECTIONS = { r: 1.5, d: 0.25, limitedR: 0.125, limitedD: 0.01 };

function resultsOf(errors: readonly number[]): Result[] {
  return ALL.flatMap((norm) =>
    SIZES.flatMap((size) =>
      errors.map((error, seed) => ({
        norm,
        size,
        seed,
        samples: 10,
        error,
        exactError: 0.5,
        corrections: CORRECTIONS,
      }))
    )
  );
}

describe("the report on batch sizes", () => {
  it("has mean and deviation of the trainings that have not diverged", () => {
    const text = (...errors: number[]) => textOf(cellOf(resultsOf(errors), "group", 4));
    assertEquals(text(0.02, 0.04, 0.06), "4.00 ± 2.00");
    assertEquals(text(0.02), "2.00");
    assertEquals(text(0.02, NaN, 0.06), "4.00 ± 2.83, 1 of 3 diverged");
    assertEquals(text(0.8, NaN), "2 of 2 diverged");
    assertEquals(cellOf(resultsOf([0.79]), "group", 4).diverged, 0);
  });

  it("has tables of all norms and sizes", () => {
    const tables = tablesOf(resultsOf([0.02, 0.04]), SIZES).split("\n\n").map((t) => t.split("\n"));
    assertEquals(tables.map((lines) => lines.length), [
      2 + ALL.length,
      2 + VARIANTS.length,
      1 + VARIANTS.length,
    ]);
    assertMatch(tables[0][1], /^digits per batch +2 +4$/);
    assertMatch(tables[0][2], /^batch +3\.00 \± 1\.41 +3\.00 \± 1\.41$/);
    assertMatch(tables[1][2], /^batch +50\.00 \± 0\.00 /);
    assertMatch(tables[2][2], /^renorm +1\.50; 0\.25; 12\.5; 1\.0 /);
  });

  it("has a chart with bars, and crosses where trainings have diverged", () => {
    const svg = chartOf(resultsOf([0.02, 0.04]), SIZES, 2, 50);
    assert(!/NaN|Infinity|undefined/.test(svg));
    assert(!svg.includes("l8 8m0 -8"));
    assertEquals(svg.match(/h6m-3 0V/g)!.length, 2 * (NORMS.length + VARIANTS.length));
    const crossed = chartOf(resultsOf([0.02, NaN]), SIZES, 2, 50);
    assertEquals(crossed.match(/>1 of 2</g)!.length, 2 * (NORMS.length + VARIANTS.length));
    assert(!/NaN|Infinity/.test(chartOf(resultsOf([NaN]), SIZES, 1, 50)));
  });
});
