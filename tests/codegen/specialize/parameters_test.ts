import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { specialize } from "../../../codegen/specialize/specialize.ts";
import { parseTemplateFile } from "../../../codegen/template.ts";
import {} from "./sample.ts";

describe("specialize: parameters", () => {
  const text = `declare const SCALED: boolean;
export function k(this: Cell<"a">, x: Vector, gamma: Vector, a: number): number {
  return SCALED ? gamma[0] * x[this.constants.a] : x[this.constants.a] * a;
}`;
  const kernelAt = (SCALED: boolean) => {
    const { templates } = parseTemplateFile("sample", text);
    const variant = {
      template: "sample",
      kernel: "k",
      name: "k",
      format: "flat",
      lanes: 1,
    } as const;
    return specialize(templates[0], { ...variant, holes: { SCALED } });
  };

  it("are those that the variant uses, in the template's order", () => {
    const names = (SCALED: boolean) => kernelAt(SCALED).parameters.map(({ name }) => name);
    assertEquals([names(true), names(false)], [["x", "gamma"], ["x", "a"]]);
    assertEquals(kernelAt(true).source.split("\n")[0], "function k(x, gamma) {");
  });
});
