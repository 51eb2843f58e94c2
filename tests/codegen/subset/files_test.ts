import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileProblems } from "../../../codegen/subset/subset.ts";
import { parseTemplateFile } from "../../../codegen/template.ts";
import { withoutPath } from "./problems.ts";

describe("subset: files", () => {
  function problems(text: string): string[] {
    return fileProblems(parseTemplateFile("sample", text).file).map(withoutPath);
  }

  it("takes imports of the coordinates, holes and exported functions", () => {
    assertEquals(
      problems(`import { at } from "./_coordinates.ts";
declare const H: boolean, MODE_2: "a" | "b";
export function k() {}`),
      [],
    );
  });

  it("refuses everything else at the top", () => {
    assertEquals(
      problems(`import { x } from "./other.ts";
const H = true;
declare const lower: boolean;
declare const WIDTH: number;
function hidden() {}
type T = number;
class C {}`),
      [
        "1:1 import must be from ./_coordinates.ts, got ./other.ts",
        "2:7 hole must be a declare const",
        "3:15 hole must have an UPPER_CASE name, got lower",
        "4:15 hole must be of type boolean or a union of string literals",
        "5:1 function must be exported by its name",
        "6:1 template must hold imports, holes and kernels, got type alias declaration",
        "7:1 template must hold imports, holes and kernels, got class declaration",
      ],
    );
  });

  it("reports what is not TypeScript at its place", () => {
    const { syntaxErrors } = parseTemplateFile("sample", "export function k( {\n  return = 1;\n}");
    assertEquals(syntaxErrors.slice(0, 1), [
      "codegen/templates/sample.ts:2:10 ':' expected.",
    ]);
  });
});
