import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Launch, Program } from "../../ops/plan/program.ts";
import { boundsOf } from "./bound.ts";
import { withTree } from "../support/kernel.ts";

const U = 2 ** -24;

/** One kernel of one array `a` and one number `p` over as many cells as the array has. */
function bound(body: string, a: number[], p = 0, constants: Launch["constants"] = {}) {
  const launch: Launch = {
    kernel: withTree({
      name: "k",
      kernel: "k",
      format: "channelsLast",
      lanes: 1,
      holes: {},
      arguments: [{ name: "a", kind: "field" }, { name: "p", kind: "scalar" }],
      constants: Object.keys(constants),
      source: `function k(a, p) {\n${body}\n}`,
    }),
    grid: [a.length, 1, 1],
    constants,
    arguments: [{ value: 0, extents: [a.length, 1, 1] }, { scalar: 0 }],
    result: 1,
  };
  const program: Program = {
    key: body,
    lengths: [a.length, a.length],
    names: ["a", "b"],
    constants: new Map(),
    scalars: 1,
    launches: [launch],
    results: [1],
  };
  const [{ values, errors }] = boundsOf(program, [Float32Array.from(a)], [p]);
  return { values: [...values], errors: errors.map((error) => error / 1.001 / U) };
}

const X = "a[0][0][this.thread.x]";

describe("bounds of errors", () => {
  it("are a rounding for what is only stored, and one more for each operation", () => {
    assertEquals(bound(`return ${X};`, [1, -3]).values, [1, -3]);
    const about = (body: string, a: number[], p: number, expected: number[]) =>
      bound(body, a, p).errors.forEach((error, i) => {
        assert(Math.abs(error / expected[i] - 1) < 1e-6, `${body}: ${error} for ${expected[i]}`);
      });
    about(`return ${X};`, [1, -3], 0, [1, 3]);
    about(`return ${X} * ${X};`, [1, -3], 0, [2, 18]);
    about(`return ${X} + 1;`, [1, 3], 0, [4, 8]);
    about(`return p;`, [1], 2, [4]);
    about(`return 1 / p;`, [1], 2, [1.5]);
    about(`return Math.sqrt(p);`, [1], 4, [5]);
  });

  it("grow with the terms of a sum, not with the sum", () => {
    const sum = `let s = 0; for (let j = 0; j < this.constants.N; j++) {
      s += ${X}; s -= ${X}; } return s;`;
    const { values, errors } = bound(sum, [1, 1000], 0, { N: 100 });
    assertEquals(values, [0, 0]);
    assertEquals(errors.map(Math.round), new Float64Array([100, 100_000]));
  });

  it("follow branches, names that change, and the larger of two", () => {
    const body = `let s = ${X}; const t = s + p;
      if (this.thread.x > 0) { s = 2 * t; } else { s = Math.min(s, 5); } return -s;`;
    const { values } = bound(body, [7, 8], 1);
    assertEquals(values, [-5, -18]);
  });

  it("are as large as float32 needs them", () => {
    // The worst case of a sum in float32, whose every addition is rounded the same way.
    const n = 4096;
    let sum = Math.fround(1);
    for (let i = 0; i < n; i++) sum = Math.fround(sum + Math.fround(1.2 * U));
    const body = "let s = 1; for (let j = 0; j < this.constants.N; j++) { s += p; } return s;";
    const { values: [value], errors: [error] } = bound(body, [1], 1.2 * U, { N: n });
    const off = Math.abs(sum - value) / U;
    assert(off > n / 2 && off <= error && error < 2 * n, `${off} of ${error}`);
  });

  it("are not invented for what they do not know", () => {
    assertThrows(() => bound(`return Math.tanh(${X});`, [1]), Error, "unknown function tanh");
    assertThrows(() => bound(`return ${X} % 2;`, [1]), Error, "unknown operator %");
    assertThrows(() => bound(`return 1 / (${X} - 1);`, [1]), Error, "no bound");
  });
});
