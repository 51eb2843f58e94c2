import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { shaderOf } from "../../../ops/runtime/webgpu/compiler/wgsl.ts";
import { contractions, launchOf, type Size } from "./contractions.ts";

/** Lines of a kernel's shader that contain a text. */
function linesOf(name: string, size: Size, part: string): string[] {
  const kernel = contractions.find((kernel) => kernel.name === name)!;
  const { text } = shaderOf(launchOf(kernel, size));
  return text.split("\n").filter((line) => line.includes(part)).map((line) => line.trim());
}

describe("the stages of a tile", () => {
  const even = { n: 1, c: 20, s: 4096, inner: 64 };
  const odd = { n: 1, c: 21, s: 4096, inner: 64 };

  it("are vectors for each term, and one more to begin in other banks", () => {
    assertEquals(linesOf("gdnChannelsLastSquareSquare", even, "var<workgroup>"), [
      "var<workgroup> rows0: array<vec4f, 204>;",
      "var<workgroup> lanes1: array<vec4f, 72>;",
    ]);
  });

  it("hold terms in about equal parts, in fours where there are whole fours", () => {
    assertEquals(linesOf("gdnChannelsLastSquareSquare", even, "from +="), [
      "for (var j_1from = 0; j_1from <= 19; j_1from += 12) {",
    ]);
    assertEquals(linesOf("gdnChannelsLastSquareSquare", odd, "from +="), [
      "for (var j_1from = 0; j_1from <= 20; j_1from += 11) {",
    ]);
  });

  it("are read from memory in vectors where rows of it begin at fours, and turned over", () => {
    assertEquals(linesOf("gdnChannelsLastPowerOne", even, "= v"), [
      "u_0r0 = v0[(lane.x >> 2u)];",
      "u_0r1 = v0[(lane.x >> 2u)];",
      "u_0r2 = v0[(lane.x >> 2u)];",
      "u_0r3 = v0[(lane.x >> 2u)];",
      "let cell0 = v1[(j_1.x >> 2u) + 5 * row0];",
      "let cell1 = v1[(j_1.x >> 2u) + 5 * row1];",
      "let cell2 = v1[(j_1.x >> 2u) + 5 * row2];",
      "let cell3 = v1[(j_1.x >> 2u) + 5 * row3];",
      "rows0[(term + 0) * 17 + vector] = vec4f(cell0.x, cell1.x, cell2.x, cell3.x);",
      "rows0[(term + 1) * 17 + vector] = vec4f(cell0.y, cell1.y, cell2.y, cell3.y);",
      "rows0[(term + 2) * 17 + vector] = vec4f(cell0.z, cell1.z, cell2.z, cell3.z);",
      "rows0[(term + 3) * 17 + vector] = vec4f(cell0.w, cell1.w, cell2.w, cell3.w);",
      "lanes1[term * 6 + vector] = v2[(lane.x >> 2u) + 5 * j_1];",
    ]);
    assertEquals(linesOf("gdnChannelsLastPowerOne", even, "array<vec4f>").length, 5);
    assertEquals(linesOf("gdnChannelsFirstPowerOne", even, "array<vec4f>").length, 4);
    assertEquals(linesOf("gdnChannelsLastPowerOne", odd, "array<vec4f>"), []);
  });

  it("are filled by threads side by side from what lies side by side", () => {
    const order = (name: string, size: Size) => linesOf(name, size, "let term =");
    // In channelsLast terms of a row lie so, and cells of a lane; in channelsFirst cells do twice.
    assertEquals(order("gdnChannelsLastSquareSquare", odd), [
      "let term = i % 11;",
      "let term = i / 6;",
    ]);
    assertEquals(order("gdnChannelsFirstSquareSquare", odd), [
      "let term = i / 16;",
      "let term = i / 6;",
    ]);
    assertEquals(order("gdnChannelsLastSquareSquare", even), [
      "let term = 4 * (i % 3);",
      "let term = i / 5;",
    ]);
  });

  it("end with the turns that a guard allows, without a branch in each", () => {
    const terms = (size: Size) => linesOf("matmulChannelsLast", size, "let terms =");
    assertEquals(terms({ ...even, inner: 64 }), ["let terms = 8;"]);
    assertEquals(terms({ ...even, inner: 60 }), [
      "let terms = min(8, -8 * i_1 + 59 - j_3from + 1);",
    ]);
  });
});
