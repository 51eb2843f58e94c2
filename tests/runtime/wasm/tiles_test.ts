import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Affine,
  constant,
  plus,
  symbol,
  times,
} from "../../../ops/runtime/lowering/affine.ts";
import { packingOf } from "../../../ops/runtime/wasm/compiler/packing.ts";
import { panelsOf } from "../../../ops/runtime/wasm/compiler/panels.ts";
import { rowPanelsOf } from "../../../ops/runtime/wasm/compiler/row_panels.ts";
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
    assertEquals([quads, rows, inner, unroll], [4, 2, "row", 8]);
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

const regionOf = (height: number, depth = 1) => ({
  width: 192,
  firstRow: 0,
  lastRow: height - 1,
  depth,
});

describe("panels", () => {
  const tile = chooseTile(contraction, 192, 4096);

  it("hold what a contraction reads per lane", () => {
    const one = { ...tile, block: { ...tile.block, row: 4096 } };
    const { before, once, steps, panels } = panelsOf(contraction, one, regionOf(4096), trees, 9);
    assertEquals(panels, [{ value: 9, length: 192 * 16, count: 1 }]);
    const at = plus(times(j, 16), lane);
    assertEquals(before, [loop(191, { do: "store", value: 9, at, from: matrix })]);
    assertEquals(once, []);
    assertEquals(steps, [loop(191, set(trees.binary("*", data, load(9, at))))]);
  });

  it("are not filled for few rows", () => {
    assertEquals(panelsOf(contraction, tile, regionOf(4), trees, 9).panels, []);
  });

  it("are kept for further blocks of rows and planes that read the same", () => {
    for (const region of [regionOf(4096), regionOf(64, 2)]) {
      const { before, once, panels } = panelsOf(contraction, tile, region, trees, 9);
      assertEquals(panels, [{ value: 9, length: 192 * 16, count: 12 }]);
      assertEquals([before.length, once.length], [0, 1]);
    }
    // 1 MiB of them at most.
    const wide = { ...regionOf(4096), width: 1400 };
    assertEquals(panelsOf(contraction, tile, wide, trees, 9).panels[0].count, 1);
  });
});

describe("row panels", () => {
  const tile = chooseTile(contraction, 192, 4096);
  const laid = (steps: readonly Step[], width = 192, height = 256) =>
    rowPanelsOf(steps, tile, width, height, trees, 9);
  const product = (left: Expression) => [loop(191, set(trees.binary("*", left, matrix)))];
  /** Numbers of a row, on whole cache lines and apart from a power of two. */
  const stride = 208;
  const read = trees.make({ op: "load", value: 9, at: plus(times(row, stride), j) });

  it("hold what is computed for each row before it is multiplied", () => {
    const { steps, panels } = laid(product(trees.binary("*", data, data)));
    assertEquals(steps, product(read));
    const [{ along, turns, length, fill }] = panels;
    assertEquals([along, turns, length], ["turns", 192, stride * 256]);
    const own = load(0, plus(times(row, 192), lane));
    const from = trees.binary("*", own, own);
    assertEquals(fill, { do: "store", value: 9, at: plus(times(row, stride), lane), from });
  });

  it("transpose what lies the other way around", () => {
    const { steps, panels } = laid(product(load(0, plus(times(j, 192), row))));
    assertEquals(steps, product(read));
    const from = load(0, plus(times(j, 192), lane));
    const at = plus(times(lane, stride), j);
    assertEquals(panels[0].along, "rows");
    assertEquals(panels[0].fill, loop(191, { do: "store", value: 9, at, from }));
  });

  it("follow nested loops, the inner one side by side", () => {
    const i = symbol("i");
    const own = load(0, plus(plus(times(i, 16), j), times(row, 192)));
    const product = (left: Expression): Step[] => [{
      do: "loop",
      symbol: "i",
      first: 2,
      last: 11,
      body: [loop(15, set(trees.binary("*", left, matrix)))],
    }];
    const { steps, panels } = laid(product(trees.binary("*", own, own)));
    const at = plus(plus(times(plus(i, constant(-2)), 16), j), times(row, 176));
    assertEquals(steps, product(trees.make({ op: "load", value: 9, at })));
    assertEquals([panels[0].turns, panels[0].length], [16, 176 * 256]);
  });

  it("are not filled with what lies well already, for few lanes, or beyond their bound", () => {
    assertEquals(laid(contraction).panels, []);
    const squares = product(trees.binary("*", data, data));
    assertEquals(laid(squares, 48).panels, []);
    assertEquals(laid(squares, 64).panels.length, 1);
    assertEquals(laid(squares, 192, 14).panels, []);
    assertEquals(laid(squares, 192, 16).panels.length, 1);
    assertEquals(laid(squares, 192, 2048).panels, []);
  });
});

describe("blocks of rows", () => {
  const rowsFor = (channels: number, height: number, width = channels) => {
    const own = load(0, plus(times(row, channels), j));
    const steps = [
      loop(channels - 1, set(trees.binary("*", own, load(1, plus(times(j, width), lane))))),
    ];
    return chooseTile(steps, width, height).block.row;
  };

  it("are all rows where their panel is small enough", () => {
    assertEquals(rowsFor(192, 1000), 1000);
    assertEquals(rowsFor(512, 512, 9999), 512);
  });

  it("are what stays in a cache where the panels of all lanes are kept", () => {
    assertEquals(rowsFor(192, 4096), 316);
    assertEquals(rowsFor(512, 4096), 256);
  });

  it("are as many as the panel has room for where they are not", () => {
    assertEquals(rowsFor(1024, 1024, 9999), 256);
    assertEquals(rowsFor(4000, 4000, 9999), 64);
  });
});
