import type { Program } from "../../ops/plan/program.ts";
import type { Executor } from "../../ops/runtime/executor.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { groupNormOf } from "../support/programs.ts";
import { compare } from "./differences.ts";
import { planText } from "./plan_text.ts";
import { Replay } from "./replay.ts";
import { verdictLines } from "./report.ts";

const program = groupNormOf([2, 2, 2, 4], { groups: 2 });
const inputs = program.lengths.slice(0, program.lengths.length - program.launches.length)
  .map((length) => new Float32Array(length));

/** An executor that computes what it is told to, of each value that a program returns. */
function fake(
  compute: (program: Program, value: number) => Float32Array,
  asynchronous = false,
): Executor {
  return {
    backend: "cpu",
    device: "nothing",
    bytes: 0,
    compile: (program) => ({
      bytes: 0,
      byGpuJs: 0,
      run: () => {
        const values = program.results.map((value) => compute(program, value));
        return asynchronous ? Promise.resolve(values) : values;
      },
      dispose() {},
    }),
    dispose: () => Promise.resolve(),
  };
}

const zeros = (program: Program, value: number) => new Float32Array(program.lengths[value]);

describe("a comparison", () => {
  const of = (ours: number[], theirs: number[], tolerance = 0.1) =>
    compare(Float32Array.from(ours), Float32Array.from(theirs), tolerance);

  it("is in units of the largest number of both", () => {
    assertEquals(of([1, 2], [1, 4]), {
      apart: 0.5,
      scale: 4,
      difference: { index: 1, values: [2, 4], count: 1 },
    });
    assertEquals(of([1, 8], [1.5, 8]), { apart: 0.0625, scale: 8, difference: undefined });
  });

  it("takes equal infinities and NaN for the same, and all else that is not finite for different", () => {
    assertEquals(of([NaN, Infinity, -0], [NaN, Infinity, 0]), {
      apart: 0,
      scale: 0,
      difference: undefined,
    });
    assertEquals(of([NaN], [0]).apart, Infinity);
    assertEquals(of([1, Infinity], [1, 3]).difference, {
      index: 1,
      values: [Infinity, 3],
      count: 1,
    });
    assertEquals(of([Infinity], [-Infinity]).difference?.count, 1);
  });
});

describe("a replay", () => {
  it("finds the first launch that differs, in the order of the plan", async () => {
    // Two launches are off, the later one by more; alone they may be right.
    for (const alone of [false, true]) {
      const wrong = (own: Program, value: number) => {
        const values = zeros(own, value);
        const { kernel } = own.launches.find(({ result }) => result === value)!;
        const launch = program.launches.findIndex((launch) => launch.kernel === kernel);
        if (launch >= 3 && (alone || own.launches.length > 1)) values[2] = launch;
        return values;
      };
      for (const asynchronous of [false, true]) {
        const replay = new Replay([fake(wrong, asynchronous), fake(zeros)], 1e-5);
        const replayed = await replay.run({ program, inputs, scalars: [] });
        assertEquals(replayed.first, {
          launch: 3,
          difference: { index: 2, values: [3, 0], count: 1 },
          scale: 3,
        });
        assertEquals([replayed.alone, replayed.result?.launch], [
          alone,
          program.launches.length - 1,
        ]);
      }
    }
  });

  it("tells a result that differs only while other values are not kept", async () => {
    const wrong = (program: Program, value: number) => {
      const values = zeros(program, value);
      return program.results.length === 1 ? values.fill(1, 5) : values;
    };
    const replay = new Replay([fake(wrong), fake(zeros)], 1e-5);
    const replayed = await replay.run({ program, inputs, scalars: [] });
    const last = program.launches.length - 1;
    assertEquals(replayed.first, undefined);
    assertEquals(replayed.result, {
      launch: last,
      difference: { index: 5, values: [1, 0], count: 27 },
      scale: 1,
    });
    const name = program.launches[last].kernel.name;
    assertEquals(verdictLines(program, replayed, ["webgpu", "cpu"], 1e-5), [
      `webgpu and cpu differ in the result of launch #${
        last + 1
      } ${name}, but not when the values of ` +
      "all launches are kept",
      " first at 5, cell 1, 1, 0 of 4 x 4 x 2: 1 on webgpu, 0 on cpu",
      " 27 of 32 numbers further apart than 0.00001 of the largest, 1",
    ]);
  });
});

describe("the text of a plan", () => {
  it("is equal for plans of one structure, and another for another", () => {
    const text = planText(program).join("\n");
    assertEquals(planText(groupNormOf([2, 2, 2, 4], { groups: 2 })).join("\n"), text);
    const other = planText(groupNormOf([2, 2, 2, 4], { groups: 4 })).join("\n");
    assert(other !== text);
  });

  it("has the plan of a strip behind that of the whole, if it can be cut", () => {
    const heads = (shape: readonly number[]) =>
      planText(groupNormOf(shape, { groups: 2 })).filter((line) => /^wasm/.test(line))
        .map((line) => line.replace(/: .*/, ""));
    assertEquals(heads([2, 2, 2, 4]), ["wasm"]);
    assertEquals(heads([8, 56, 56, 64]), [
      "wasm",
      "wasm, in strips of 1 of 8 units, with parts of x, 0 everywhere",
    ]);
  });
});
