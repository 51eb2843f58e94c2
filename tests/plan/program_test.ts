import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { kernelOf } from "../../ops/plan/kernels.ts";
import { keyOf, type Program } from "../../ops/plan/program.ts";

const programOf = (changes: Partial<Program> = {}) => ({
  lengths: [6, 6, 6],
  names: ["a", "b", "a + b"],
  constants: new Map([[1, 0]]),
  scalars: 0,
  launches: [launch],
  results: [2],
  ...changes,
});
const launch: Program["launches"][number] = {
  kernel: kernelOf("add", "flat", {}),
  grid: [6, 1, 1],
  constants: { size: 1 },
  arguments: [{ value: 0, extents: [6, 1, 1] }, { value: 1, extents: [6, 1, 1] }],
  result: 2,
};

describe("the key of a program", () => {
  const key = keyOf(programOf());

  it("is the same where only names and scalars differ", () => {
    assertEquals(keyOf(programOf({ names: ["x", "y", "z"] })), key);
    const scaled = (scalar: number) =>
      keyOf(programOf({ launches: [{ ...launch, arguments: [{ scalar }] }] }));
    assertEquals(scaled(0), scaled(1));
  });

  it("differs wherever the code would", () => {
    const [a, b] = launch.arguments;
    const others: Partial<Program>[] = [
      { lengths: [6, 7, 6] },
      { constants: new Map() },
      { constants: new Map([[0, 0]]) },
      { constants: new Map([[1, 1]]) },
      // 1 / 0 and 1 / -0 are not the same.
      { constants: new Map([[1, -0]]) },
      { results: [2, 2] },
      { launches: [{ ...launch, kernel: kernelOf("multiply", "flat", {}) }] },
      { launches: [{ ...launch, grid: [3, 2, 1] }] },
      { launches: [{ ...launch, constants: { size: 2 } }] },
      { launches: [{ ...launch, arguments: [b, a] }] },
      { launches: [{ ...launch, arguments: [a, { value: 1, extents: [3, 2, 1] }] }] },
      { launches: [{ ...launch, arguments: [a, { scalar: 0 }] }] },
    ];
    for (const other of others) assertNotEquals(keyOf(programOf(other)), key);
    assertEquals(new Set(others.map((other) => keyOf(programOf(other)))).size, others.length);
  });
});
