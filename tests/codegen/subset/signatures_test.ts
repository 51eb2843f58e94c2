import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { kernelProblems } from "./problems.ts";

describe("subset: signatures", () => {
  const body = "{ return 0; }";

  it("refuses more than 7 arrays", () => {
    const names = [..."abcdefgh"];
    const text = (count: number) => {
      const used = names.slice(0, count);
      return `export function k(this: Cell<never>, ${
        used.map((name) => `${name}: Vector`).join(", ")
      }, z: number): number { return ${used.map((name) => `${name}[0]`).join(" + ")} + z; }`;
    };
    assertEquals(kernelProblems(text(7)), []);
    assertEquals(kernelProblems(text(8)), ["1:1 kernel must take at most 7 arrays, got 8"]);
  });

  it("refuses parameters that gpu.js or the library could not give", () => {
    assertEquals(
      kernelProblems(
        `export function k(this: Cell<never>, a: string, b?: number, c = 1, d_0: number, e: number): number {
return a + b + c + d_0;
}`,
      ),
      [
        "1:38 parameter a must be a Field, Matrix, Vector or number",
        "1:49 parameter b must be given in every call",
        "1:61 parameter c must be given in every call",
        "1:68 parameter must have a camelCase name, got d_0",
        "1:81 parameter e must be used",
        "2:8 a must be an argument, a local or a hole",
        "2:16 c must be an argument, a local or a hole",
      ],
    );
  });

  it("refuses a this that names no constants", () => {
    const problem = '1:1 kernel must begin with this: Cell<never> or this: Cell<"names">';
    assertEquals(kernelProblems(`export function k(): number ${body}`), [problem]);
    assertEquals(kernelProblems(`export function k(this: Cell<string>): number ${body}`), [
      problem,
    ]);
    assertEquals(kernelProblems(`export function k(this: Cell<"a", "b">): number ${body}`), [
      problem,
    ]);
    assertEquals(kernelProblems(`export function k(this: Cell<"a" | "b">): number ${body}`), []);
  });

  it("refuses another result than number", () => {
    assertEquals(kernelProblems(`export function k(this: Cell<never>): boolean ${body}`), [
      "1:39 kernel must return number",
    ]);
    assertEquals(kernelProblems(`export function k(this: Cell<never>) ${body}`), [
      "1:1 kernel must return number",
    ]);
  });

  it("refuses async, generator and generic functions", () => {
    const kernel = (name: string) =>
      kernelProblems(`export ${name}(this: Cell<never>): number ${body}`);
    assertEquals(kernel("async function k"), ["1:1 kernel must be a plain function"]);
    assertEquals(kernel("function* k"), ["1:1 kernel must be a plain function"]);
    assertEquals(kernel("function k<T>"), ["1:19 kernel must have no type parameters"]);
  });
});
