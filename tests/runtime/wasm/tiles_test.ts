import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Affine, plus, symbol, times } from "../../../ops/runtime/lowering/affine.ts";
import { packingOf } from "../../../ops/runtime/wasm/compiler/packing.ts";
import { panelsOf } from "../../../ops/runtime/wasm/compiler/panels.ts";
import { branchesOnRows, chooseTile } from "../../../ops/runtime/wasm/compiler/tiles.ts";
import { type Expression, type Step, Trees } from "../../../ops/runtime/lowering/tree.ts";

const trees = new Trees();
const load = (value: number, at: Affine) => trees.make({ op: "load", value, at });
const lane = symbol("lane");
const row = symbol("row");
const j = symbol("j");
const set = (to: Expression): Step => ({ do: "set", name: "sum", to });
const loop = (last: number, ...body: Step[]): Step => ({
  do: "loop",
  symbol: "j",
  first: 0,
  last,
  body,
});

/** sum += x[row][j] * matrix[j][lane], with 192 channels. */
const matrix = load(1, plus(times(j, 192), lane));
const data = load(0, plus(times(row, 192), j));
const contraction = [loop(191, set(trees.binary("*", data, matrix)))];

describe("tiles", () => {
  it("of a contraction share what is read among lanes and rows", () => {
    const { quads, rows, inner, unroll } = chooseTile(contraction, 192, 4096);
    assertEquals([quads, rows, inner, unroll], [4, 2, "row", 4]);
  });

  it("of sums have several vectors", () => {
    const sums = [loop(99, set(load(0, plus(times(j, 64), lane))))];
    const { quads, rows, inner } = chooseTile(sums, 64, 10);
    assertEquals([quads, rows, inner], [4, 1, "lane"]);
    assertEquals(chooseTile(sums, 8, 10).rows, 2);
  });

  it("are of about equal size", () => {
    const copy = [set(load(0, plus(times(row, 100), lane)))];
    // 25 vectors in four tiles of at most 8: 7, 7, 7 and one that reaches back.
    assertEquals(chooseTile(copy, 100, 1).quads, 7);
    assertEquals(chooseTile(copy, 3, 1).quads, 1);
  });

  it("have one row where branches are taken by rows", () => {
    const test = trees.make({ op: "atLeast0", at: row });
    assertEquals(branchesOnRows([loop(3, { do: "if", test, then: [set(data)] })]), true);
    assertEquals(branchesOnRows(contraction), false);
  });
});

describe("packing", () => {
  const nothingHeld = { turns: "j", rows: true, isHeld: () => false };

  it("reads what lies side by side over turns or rows", () => {
    assertEquals(packingOf(data, nothingHeld), "turns");
    assertEquals(packingOf(load(0, plus(times(j, 192), row)), nothingHeld), "rows");
    assertEquals(packingOf(trees.binary("*", data, data), nothingHeld), "turns");
  });

  it("leaves alone what lies apart, differs in lanes or is a condition", () => {
    assertEquals(packingOf(load(0, times(j, 2)), nothingHeld), undefined);
    assertEquals(packingOf(matrix, nothingHeld), undefined);
    assertEquals(packingOf(trees.binary("<", data, trees.number(0)), nothingHeld), undefined);
  });

  it("spreads what is held, unless it differs in rows", () => {
    const factor = load(2, symbol("plane"));
    const perRow = load(2, row);
    const scaled = trees.binary("*", load(0, plus(times(j, 192), row)), factor);
    const held = (part: Expression) => part === factor || part === perRow;
    assertEquals(packingOf(scaled, { turns: undefined, rows: true, isHeld: held }), "rows");
    const wrong = trees.binary("*", load(0, plus(times(j, 192), row)), perRow);
    assertEquals(packingOf(wrong, { turns: undefined, rows: true, isHeld: held }), undefined);
  });
});

describe("panels", () => {
  const tile = chooseTile(contraction, 192, 4096);

  it("hold what a contraction reads per lane", () => {
    const { before, steps, panels } = panelsOf(contraction, tile, 4096, trees, 9);
    assertEquals(panels, [{ value: 9, length: 192 * 16 }]);
    const at = plus(times(j, 16), lane);
    assertEquals(before, [loop(191, { do: "store", value: 9, at, from: matrix })]);
    assertEquals(steps, [loop(191, set(trees.binary("*", data, load(9, at))))]);
  });

  it("are not filled for few rows", () => {
    assertEquals(panelsOf(contraction, tile, 4, trees, 9).panels, []);
  });
});
