import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TemplateError } from "../../../codegen/problem.ts";
import { specialize } from "../../../codegen/specialize/specialize.ts";
import { parseTemplateFile } from "../../../codegen/template.ts";
import { body } from "./sample.ts";

describe("specialize: coordinates", () => {
  const read = "return at(x, this.cell.n, this.cell.c, this.cell.s) + m[this.cell.n][this.cell.c];";

  it("reads fields as x[n][s][c] in channelsLast", () => {
    assertEquals(body("x: Field, m: Matrix", read, { format: "channelsLast" }), [
      "return x[this.thread.z][this.thread.y][this.thread.x] + m[this.thread.z][this.thread.x];",
    ]);
  });

  it("reads fields as x[n][c][s] in channelsFirst", () => {
    assertEquals(body("x: Field, m: Matrix", read, { format: "channelsFirst" }), [
      "return x[this.thread.z][this.thread.y][this.thread.x] + m[this.thread.z][this.thread.y];",
    ]);
  });

  it("keeps the order of coordinates that are not the cell's own", () => {
    const other = "return at(x, 0, this.cell.c, this.cell.s + 1);";
    assertEquals(body("x: Field", other, { format: "channelsLast" }), [
      "return x[0][this.thread.y + 1][this.thread.x];",
    ]);
    assertEquals(body("x: Field", other, { format: "channelsFirst" }), [
      "return x[0][this.thread.y][this.thread.x + 1];",
    ]);
  });

  it("has one coordinate in flat", () => {
    assertEquals(body("v: Vector", "return v[this.cell.c];"), ["return v[this.thread.x];"]);
  });

  it("refuses the other coordinates in flat, each at its place", () => {
    const error = assertThrows(
      () => body("m: Matrix", "return m[this.cell.n][this.cell.s];"),
      TemplateError,
    );
    assertEquals(error.message.split("\n"), [
      "codegen/templates/sample.ts:3:10 this.cell.n must exist in flat",
      "codegen/templates/sample.ts:3:23 this.cell.s must exist in flat",
    ]);
  });

  it("refuses at in flat", () => {
    const error = assertThrows(() => body("x: Field", "return at(x, 0, this.cell.c, 0);"));
    assertStrictEquals(
      (error as Error).message,
      "codegen/templates/sample.ts:3:8 at must not be used in flat",
    );
  });

  it("answers with the constants that are left, sorted", () => {
    const text = `declare const WIDE: boolean;
export function k(this: Cell<"size" | "count" | "other">, v: Vector): number {
  return (WIDE ? this.constants.other : this.constants.size) * v[this.cell.c] + this.constants.count;
}`;
    const [template] = parseTemplateFile("sample", text).templates;
    const variant = {
      template: "sample",
      kernel: "k",
      name: "k",
      format: "flat",
      lanes: 1,
    } as const;
    assertEquals(specialize(template, { ...variant, holes: { WIDE: false } }).constants, [
      "count",
      "size",
    ]);
    assertEquals(specialize(template, { ...variant, holes: { WIDE: true } }).constants, [
      "count",
      "other",
    ]);
  });
});
