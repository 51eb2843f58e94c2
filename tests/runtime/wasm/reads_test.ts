import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { kernelOf } from "../../../ops/plan/kernels.ts";
import { readsOfKernel } from "../../../ops/runtime/lowering/reads.ts";
import { withTree } from "../../support/kernel.ts";

/** How a kernel of `a` and `b` reads: its places as text, the innermost index first. */
function readsOf(lines: string) {
  const kernel = withTree({
    name: lines,
    kernel: "test",
    format: "channelsLast",
    lanes: 1,
    holes: {},
    arguments: [{ name: "a", kind: "field" }, { name: "b", kind: "vector" }],
    constants: [],
    source: `function test(a, b) { ${lines} }`,
  });
  const { places, elsewhere } = readsOfKernel(kernel);
  const shown = (name: string) =>
    places.get(name)!.map((indices) =>
      indices.map(({ is, axes }) => is ?? `(${[...axes].sort().join("")})`).join(" ")
    );
  return { a: shown("a"), b: shown("b"), elsewhere: [...elsewhere].sort().join("") };
}

describe("readsOfKernel", () => {
  it("tells which index is the coordinate of an axis", () => {
    assertEquals(
      readsOf("return a[this.thread.z][this.thread.y][this.thread.x] + b[this.thread.x];"),
      { a: ["x y z"], b: ["x"], elsewhere: "" },
    );
  });

  it("follows names", () => {
    assertEquals(
      readsOf("let n = this.thread.z; let m = n; return a[m][0][m + 1] + b[0];"),
      { a: ["(z) () z"], b: ["()"], elsewhere: "" },
    );
  });

  it("follows counters of loops, and takes their bounds for a use", () => {
    const reads = readsOf(
      "let sum = 0; for (let i = this.thread.y * 4; i < this.thread.y * 4 + 4; i++) " +
        "{ sum += a[this.thread.z][i][this.thread.x]; } return sum;",
    );
    assertEquals(reads, { a: ["x (y) z"], b: [], elsewhere: "y" });
  });

  it("takes coordinates in conditions, choices and arithmetic for a use", () => {
    const reads = readsOf(
      "let y = 0; if (this.thread.z > 0) { y = b[0]; } y += this.thread.x; " +
        "return this.thread.y > 1 ? y : Math.max(y, a[0][0][0]);",
    );
    assertEquals(reads, { a: ["() () ()"], b: ["()"], elsewhere: "xyz" });
  });

  it("takes what a name is assigned later for a use", () => {
    const reads = readsOf("let i = 0; i = this.thread.x; return b[i];");
    assertEquals(reads, { a: [], b: ["()"], elsewhere: "x" });
  });

  it("knows every place of a generated kernel", () => {
    const gdn = kernelOf("gdn", "channelsLast", { INVERSE: false, POOL: "square", ROOT: "square" });
    const { places, elsewhere } = readsOfKernel(gdn);
    const axes = (name: string) => places.get(name)!.map((place) => place.map(({ is }) => is));
    assertEquals(axes("x"), [["x", "y", "z"]]);
    assertEquals(axes("pool"), [[undefined, "y", "z"]]);
    assertEquals(axes("gamma"), [["x", undefined]]);
    assertEquals([...elsewhere], []);
  });
});
