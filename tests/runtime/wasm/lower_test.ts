import { assertEquals, assertStrictEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import type { Extents } from "../../../ops/plan/program.ts";
import { type Step, Trees, turnsIn } from "../../../ops/runtime/lowering/tree.ts";
import { createWasmExecutor } from "../../../ops/runtime/wasm/executor.ts";
import { withTree } from "../../support/kernel.ts";
import { inMemory } from "../../support/elements.ts";

const GRID: Extents = [5, 3, 1];
const own = "a[this.thread.z][this.thread.y][this.thread.x]";
const executor = createWasmExecutor();

/** What a kernel makes of the numbers -3 to 11, and which code has computed it. */
async function run(lines: string): Promise<{ readonly y: number[]; readonly byGpuJs: number }> {
  const kernel = withTree({
    name: lines,
    kernel: "test",
    format: "channelsLast",
    lanes: 1,
    holes: {},
    arguments: [{ name: "a", kind: "field" }],
    constants: [],
    source: `function test(a) { ${lines} }`,
  });
  const executable = executor.compile({
    key: lines,
    lengths: [15, 15],
    names: [],
    constants: new Map(),
    scalars: 0,
    launches: [{
      kernel,
      grid: GRID,
      constants: {},
      arguments: [{ value: 0, extents: GRID }],
      result: 1,
    }],
    results: [1],
  });
  const y = inMemory((await executable.run([Float32Array.from(numbers)], []))[0]);
  await executable.dispose();
  return { y: [...y], byGpuJs: executable.byGpuJs };
}

const numbers = Array.from({ length: 15 }, (_, i) => i - 3);

async function assertComputes(lines: string, expected: (a: number, i: number) => number) {
  assertEquals(await run(lines), { y: numbers.map(expected), byGpuJs: 0 });
}

describe("lowering", () => {
  after(() => executor.dispose());

  it("tells names apart that differ in a digit", async () => {
    const twelve = Array.from({ length: 12 }, (_, i) => `let v${i} = ${own} + ${i};`);
    const changed = Array.from({ length: 12 }, (_, i) => `v${i} += ${i};`);
    const v = "let v = 0;";
    const w = "v = 7 * v1 - v11;";
    await assertComputes(
      [...twelve, v, ...changed, w, "return v + v1 * 100;"].join(" "),
      (a) => 7 * (a + 2) - (a + 22) + 100 * (a + 2),
    );
  });

  it("ends a name with its block", async () => {
    await assertComputes(
      `const t = ${own}; let v = 0;
      { const t = 5; v += t; }
      for (let t = 0; t < 3; t++) { v += t * 10; }
      if (v > 0) { const t = v * 100; v += t; }
      return v + t;`,
      (a) => 35 * 101 + a,
    );
  });

  it("decides once about a branch that changes what it asks for", async () => {
    await assertComputes(
      `let v = ${own}; let w = v + 1;
      if (v > 2 && w > 4) { v = 0; w = 50; }
      if (w < 50 || v > 7) { w = 60; v = 9; } else { v += w; w = -1; }
      return v * 100 + w;`,
      (a) => {
        let v = a;
        let w = a + 1;
        if (v > 2 && w > 4) {
          v = 0;
          w = 50;
        }
        [v, w] = w < 50 || v > 7 ? [9, 60] : [v + w, -1];
        return v * 100 + w;
      },
    );
  });

  it("keeps the sign of a zero", async () => {
    const { y, byGpuJs } = await run(`const zero = -0; return ${own} < 4 ? -0 : 1 / zero;`);
    assertEquals(byGpuJs, 0);
    numbers.forEach((a, i) => assertStrictEquals(y[i], a < 4 ? -0 : -Infinity));
    await assertComputes("return 1 / -this.thread.x;", (_, i) => Math.fround(1 / -(i % 5)));
  });

  it("rounds integers of more than 32 bits instead of losing them", async () => {
    await assertComputes(
      "return this.thread.x * 1000000000;",
      (_, i) => Math.fround((i % 5) * 1e9),
    );
    // Only the last cell's is too large.
    await assertComputes(`return this.thread.x * ${2 ** 29};`, (_, i) => (i % 5) * 2 ** 29);
    await assertComputes(
      "return this.thread.x * 1000000000 > 2500000000 ? 1 : 0;",
      (_, i) => i % 5 > 2 ? 1 : 0,
    );
  });

  it("takes as long for what is shared as for what is not", async () => {
    const steps = Array.from(
      { length: 60 },
      (_, i) => `const c${i + 1} = c${i} * 0.5 + c${i} * 0.5;`,
    );
    const chain = (first: string) => `const c0 = ${first}; ${steps.join(" ")}`;
    await assertComputes(`${chain(own)} return c60;`, (a) => a);
    // The same for all lanes: four turns of the loop are computed at once.
    await assertComputes(
      `let v = 0;
      for (let j = 0; j < 4; j++) { ${chain("a[0][this.thread.y][j]")} v += c60; }
      return v;`,
      (_, i) => 4 * (numbers[5 * Math.floor(i / 5)] + 1.5),
    );
    await assertComputes(
      `let v = 0;
      for (let j = 0; j < 3; j++) { ${chain("j + this.thread.x")} v += c60; }
      return v;`,
      (_, i) => 3 * (i % 5) + 3,
    );
  });
});

describe("the turns of a kernel's loops", () => {
  const loop = (last: number, ...body: Step[]): Step => {
    return { do: "loop", symbol: "i", first: 1, last, body };
  };
  const test = new Trees().make({ op: "scalar", scalar: 0 });

  it("are those of the loops inside, as often as the one around them turns", () => {
    assertEquals(turnsIn([]), 0);
    assertEquals(turnsIn([loop(3), loop(4, loop(5), loop(6))]), 3 + 4 * (5 + 6));
    assertEquals(turnsIn([{ do: "if", test, then: [loop(7)] }]), 7);
  });
});
