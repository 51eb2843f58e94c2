import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { shaderOf } from "../../../ops/runtime/webgpu/compiler/wgsl.ts";
import { withTree } from "../../support/kernel.ts";

const SIDE = 16;
const A = "a[this.thread.z][this.thread.y][k]";
const B = "b[this.thread.z][k][this.thread.x]";

/** Whether a kernel is tiled that does this for each `k`, between what stands before and after it. */
function isTiled(body: string, before = "", after = ""): boolean {
  const kernel = withTree({
    name: "test",
    kernel: "test",
    format: "channelsLast",
    lanes: 1,
    holes: {},
    arguments: ["a", "b", "c"].map((name) => ({ name, kind: "field" })),
    constants: [],
    source: `function (a, b, c) {
      let s = 0;
      let t = 0;
      ${before}
      for (let k = 0; k < ${SIDE}; k++) {
        ${body}
      }
      ${after}
      return s + t;
    }`,
  });
  const { text } = shaderOf({
    kernel,
    grid: [SIDE, SIDE, 2],
    constants: {},
    arguments: [0, 1, 2].map((value) => ({ value, extents: [SIDE, SIDE, 2] })),
    result: 3,
  });
  return text.includes("workgroupBarrier");
}

describe("the factors of a contraction", () => {
  it("are what is read for a row and what is read for a lane", () => {
    assertEquals(isTiled(`s += ${A} * ${B};`), true);
    assertEquals(isTiled(`s += ${B} * ${A};`), true);
    assertEquals(isTiled(`s += Math.min(${A} * ${A}, 9) * Math.abs(${B});`), true);
  });

  it("are multiplied, and the product added", () => {
    assertEquals(isTiled(`s += ${A} + ${B};`), false);
    assertEquals(isTiled(`s -= ${A} * ${B};`), false);
    assertEquals(isTiled(`s += ${A} * ${A};`), false);
    assertEquals(isTiled(`s = t + ${A} * ${B};`), false);
  });

  it("are all that each term reads for a cell", () => {
    const own = "c[this.thread.y][k][this.thread.x]";
    assertEquals(isTiled(`s += ${A} * ${B}; t += ${own};`), false);
    // What does not change from term to term is read once.
    const kept = "c[this.thread.z][this.thread.y][this.thread.x]";
    assertEquals(isTiled(`s += ${A} * ${B}; t += ${kept};`), true);
    // Neither does it matter what all cells share.
    assertEquals(isTiled(`s += ${A} * ${B}; t += c[0][0][k];`), true);
  });

  it("are not shared where cells of a tile may branch differently", () => {
    const term = `s += ${A} * ${B};`;
    assertEquals(isTiled(`if (k + this.thread.x < ${SIDE}) { ${term} }`), false);
    assertEquals(isTiled(`if (k + this.thread.y < ${SIDE}) { ${term} }`), false);
    assertEquals(isTiled(`if (s < 5) { ${term} }`), false);
    assertEquals(isTiled(`if (k + this.thread.z < ${SIDE}) { ${term} }`), true);
    assertEquals(isTiled(term, "if (this.thread.x < 5) { t = 1; }"), false);
    assertEquals(isTiled(term, "", "if (s < 5) { t = 1; }"), false);
    assertEquals(isTiled(term, "if (this.thread.z < 1) { t = 1; }"), true);
  });

  it("are not shared in loops that some planes leave out", () => {
    const term = `s += ${A} * ${B};`;
    assertEquals(isTiled(term, "if (this.thread.z < 1) {", "}"), false);
    assertEquals(isTiled(term, "for (let i = 0; i < 3; i++) {", "}"), true);
  });
});
