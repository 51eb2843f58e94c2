import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Kernel } from "../../../ops/plan/kernel.ts";
import type { Extents, Launch, LaunchArgument, Program } from "../../../ops/plan/program.ts";
import { loadGpu } from "../../../ops/runtime/gpu/library.ts";
import { compilePlan } from "../../../ops/runtime/wasm/compiler/compile.ts";
import { Arena, Full } from "../../../ops/runtime/wasm/arena.ts";
import { createWasmExecutor } from "../../../ops/runtime/wasm/executor.ts";
import { link, type Stock } from "../../../ops/runtime/wasm/link.ts";
import { openStock } from "../../../ops/runtime/wasm/stock_steps.ts";
import { groupLaunches } from "../../../ops/runtime/wasm/compiler/groups.ts";
import { layOut } from "../../../ops/runtime/wasm/compiler/layout.ts";
import { kernels } from "../../../generated/kernels.ts";
import { withTree } from "../../support/kernel.ts";
import { inMemory } from "../../support/elements.ts";

const library = await loadGpu();
const x = "this.thread.x";
const y = "this.thread.y";
const z = "this.thread.z";

/** A kernel of arrays `a`, `b`, ... that returns an expression. */
function kernelOf(expression: string, arrays = 1, before = ""): Kernel {
  const names = ["a", "b", "c"].slice(0, arrays);
  return withTree({
    name: expression,
    kernel: "test",
    format: "channelsLast",
    lanes: 1,
    holes: {},
    arguments: names.map((name) => ({ name, kind: "field" })),
    constants: [],
    source: `function test(${names.join(", ")}) { ${before} return ${expression}; }`,
  });
}

function launchOf(
  kernel: Kernel,
  grid: Extents,
  values: readonly number[],
  result: number,
): Launch {
  const args = values.map((value): LaunchArgument => ({ value, extents: grid }));
  return { kernel, grid, constants: {}, arguments: args, result };
}

function programOf(lengths: number[], launches: Launch[], results: number[]): Program {
  return { key: "", lengths, names: [], constants: new Map(), scalars: 0, launches, results };
}

const GRID: Extents = [5, 3, 1];
const own = `a[${z}][${y}][${x}]`;
const double = kernelOf(`${own} * 2`);
const neighbour = kernelOf(`a[${z}][${y}][4 - ${x}]`);
/** The compiler has no remainder. */
const odd = kernelOf(`${own} % 2`);

describe("groups", () => {
  it("take in what reads its own cell only", () => {
    const launches = [launchOf(double, GRID, [0], 1), launchOf(double, GRID, [1], 2)];
    const [group, ...others] = groupLaunches(programOf([15, 15, 15], launches, [2]));
    assertEquals([group.launches, others], [launches, []]);
  });

  it("end where other cells are read, or the grid is another", () => {
    const launches = [
      launchOf(double, GRID, [0], 1),
      launchOf(neighbour, GRID, [1], 2),
      launchOf(double, [15, 1, 1], [2], 3),
      // Independent of the second, so that it can go where the first is.
      launchOf(double, GRID, [0], 4),
    ];
    const groups = groupLaunches(programOf([15, 15, 15, 15, 15], launches, [3, 4]));
    assertEquals(groups.map(({ launches }) => launches.map(({ result }) => result)), [
      [1, 4],
      [2],
      [3],
    ]);
  });

  it("are the same for grids that differ in axes of one cell", () => {
    const launches = [launchOf(double, [1, 5, 1], [0], 1), launchOf(double, [5, 1, 1], [1], 2)];
    assertEquals(groupLaunches(programOf([5, 5, 5], launches, [2])).length, 1);
  });

  it("leave to gpu.js what the compiler does not take", () => {
    const launches = [launchOf(double, GRID, [0], 1), launchOf(odd, GRID, [1], 2)];
    const groups = groupLaunches(programOf([15, 15, 15], launches, [2]));
    assertEquals(groups.map(({ tiled }) => tiled), [true, false]);
  });
});

describe("a layout", () => {
  it("never lets two living values share bytes", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 12 });
    fc.assert(fc.property(sizes, fc.nat(), (sizes, seed) => {
      // A chain in which every value is read by the next and by one later on.
      const launches = sizes.slice(1).map((_, i) =>
        launchOf(double, GRID, [i, (seed + i) % (i + 1)], i + 1)
      );
      const program = programOf(sizes, launches, [sizes.length - 1]);
      const groups = launches.map((launch) => ({ launches: [launch], indices: [[]], tiled: true }));
      const { offsets, bytes } = layOut(program, groups, () => true);
      const last = (id: number) =>
        launches.findLastIndex(({ arguments: args }) =>
          args.some((argument) => "value" in argument && argument.value === id)
        );
      const living = [...offsets].map(([id, start]) => ({
        start,
        end: start + 4 * sizes[id],
        from: id - 1,
        to: last(id),
      }));
      for (const [i, one] of living.entries()) {
        assert(one.end <= bytes);
        for (const other of living.slice(i + 1)) {
          const meet = one.from <= other.to && other.from <= one.to;
          assert(!meet || one.end <= other.start || other.end <= one.start);
        }
      }
    }));
  });

  it("has one place for a large value where two small ones beside each other have ended", () => {
    const launches = [[0], [0], [1, 2], [3], [4]].map((reads, i) =>
      launchOf(double, GRID, reads, i + 1)
    );
    const program = programOf([16, 16, 16, 16, 32, 16], launches, [5]);
    const groups = launches.map((launch) => ({ launches: [launch], indices: [[]], tiled: true }));
    const { offsets } = layOut(program, groups, () => true);
    assertEquals(offsets.get(4), offsets.get(1));
  });
});

describe("a plan of which an arena has no room for the second launch of gpu.js", () => {
  it("gives back what the first one has of it", () => {
    const launches = [launchOf(odd, GRID, [0], 1), launchOf(odd, GRID, [1], 2)];
    const program = programOf([15, 15, 15], launches, [2]);
    const plan = compilePlan(program, { fused: false, stock: true });
    const held: string[] = [];
    const stock: Stock = {
      place(_program, _plan, _arena, { result }) {
        if (result === 2) throw new Full();
        held.push("first");
        return { run: () => {}, dispose: () => void held.pop() };
      },
      dispose: () => Promise.resolve(),
    };
    assertThrows(() => link(program, plan, new Arena(2, false), stock), Full);
    assertEquals(held, []);
  });
});

describe("the wasm executor", () => {
  const executor = createWasmExecutor({}, undefined, openStock(library));
  after(() => executor.dispose());
  const input = Float32Array.from({ length: 15 }, (_, i) => i - 3);

  const run = async (launches: Launch[], results: number[]) => {
    const lengths = [15, ...launches.map(() => 15)];
    const executable = executor.compile(programOf(lengths, launches, results));
    const answer = (await executable.run([input], [])).map(inMemory);
    await executable.dispose();
    return { byGpuJs: executable.byGpuJs, answer };
  };

  it("runs a kernel that the compiler does not take, alone and among others", async () => {
    assertEquals(await run([launchOf(odd, GRID, [0], 1)], [1]), {
      byGpuJs: 1,
      answer: [input.map((value) => value % 2)],
    });
    const mixed = [
      launchOf(double, GRID, [0], 1),
      launchOf(odd, GRID, [0], 2),
      launchOf(kernelOf(`${own} + b[${z}][${y}][${x}]`, 2), GRID, [1, 2], 3),
    ];
    assertEquals(await run(mixed, [3, 2]), {
      byGpuJs: 1,
      answer: [input.map((v) => 2 * v + v % 2), input.map((v) => v % 2)],
    });
  });

  it("answers with an input, and with a result twice", async () => {
    const { answer } = await run([launchOf(double, GRID, [0], 1)], [0, 1, 1]);
    const doubled = input.map((value) => 2 * value);
    assertEquals(answer, [input, doubled, doubled]);
    assert(answer[1].buffer !== answer[2].buffer && answer[0].buffer !== input.buffer);
  });

  it("gives back what a plan has kept", async () => {
    const before = executor.bytes;
    for (let i = 0; i < 5; i++) await run([launchOf(odd, GRID, [0], 1)], [1]);
    assertEquals(executor.bytes, before);
  });
});

describe("tasks", () => {
  it("give the same result however they are shared out", () => {
    const grid: Extents = [37, 21, 4];
    const [width, height, depth] = grid;
    const table = kernelOf(`${own} * b[0][0][${x}]`, 2);
    const launch: Launch = {
      ...launchOf(table, grid, [0, 1], 2),
      arguments: [{ value: 0, extents: grid }, { value: 1, extents: [width, 1, 1] }],
    };
    const length = width * height * depth;
    const program = programOf([length, width, length], [launch], [2]);
    const { code, groups, layout } = compilePlan(program, { fused: false });
    const [group] = groups;
    assert(group.tiled && group.tasks > 1);
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
    const floats = new Float32Array(memory.buffer);
    const integers = new Int32Array(memory.buffer);
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(code.bytes({ pages: 4, shared: false })),
      { env: { memory } },
    );
    const base = 64;
    const places = [1024, 1024 + 4 * length + 256, 1024 + 8 * length];
    for (const [id, offset] of layout.table) integers[(base + offset) / 4] = places[id];
    for (let i = 0; i < length + width + 64; i++) floats[256 + i] = i % 17;
    const part = exports[group.name] as (...args: number[]) => void;
    const start = places[2] / 4;
    const answer = (cuts: readonly number[]) => {
      floats.fill(NaN, start, start + length);
      const ends = [0, ...cuts, group.tasks];
      // Backwards, so that nothing can lean on what came before.
      for (let i = ends.length - 2; i >= 0; i--) part(base, 0, ends[i], ends[i + 1]);
      return floats.slice(start, start + length);
    };
    const whole = answer([]);
    assert(whole.every((value) => !Number.isNaN(value)));
    for (
      const cuts of [
        [1],
        [group.tasks - 1],
        Array.from({ length: group.tasks - 1 }, (_, i) => i + 1),
      ]
    ) {
      assertEquals(answer(cuts), whole);
    }
  });
});

describe("generated kernels", () => {
  it("are all taken by the tile compiler, those of four lanes aside", () => {
    const left = kernels.filter((kernel) => {
      if (kernel.lanes > 1) return false;
      const grid: Extents = kernel.format === "flat" ? [8, 1, 1] : [8, 4, 2];
      const constants = Object.fromEntries(kernel.constants.map((name) => [name, 4]));
      const args = kernel.arguments.map(({ kind }, i): LaunchArgument =>
        kind === "scalar" ? { scalar: 0 } : { value: i, extents: [64, 64, 4] }
      );
      const values = kernel.arguments.length;
      const launch: Launch = { kernel, grid, constants, arguments: args, result: values };
      const lengths = [...new Array(values).fill(64 * 64 * 4), grid[0] * grid[1] * grid[2]];
      const program = { ...programOf(lengths, [launch], [values]), scalars: 1 };
      return !compilePlan(program, { fused: true }).groups[0].tiled;
    });
    assertEquals(left.map(({ name }) => name), []);
  });
});
