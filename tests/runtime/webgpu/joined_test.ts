import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import type { Launch, Program } from "../../../ops/plan/program.ts";
import { dispatchesOf } from "../../../ops/runtime/webgpu/compiler/dispatches.ts";
import { createWebGpuExecutor } from "../../../ops/runtime/webgpu/executor.ts";
import { stepsOf } from "../../../ops/runtime/webgpu/compiler/schedule.ts";
import { shaderWith } from "../../../ops/runtime/webgpu/compiler/wgsl.ts";
import { skipOf } from "../../support/backends.ts";
import { batchNormOf, groupNormOf } from "../../support/programs.ts";
import { random } from "../../support/random.ts";
import { computed, openDevice } from "../../support/shader.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;
const device = skip === undefined ? await openDevice() : undefined;
const executor = skip === undefined ? await createWebGpuExecutor() : undefined;
after(async () => {
  device?.destroy();
  await executor?.dispose();
});

/** A program whose launches read the given values, each after the inputs; every value has one number. */
function programOf(
  inputs: number,
  reads: readonly (readonly number[])[],
  results: readonly number[],
): Program {
  const lengths = new Array(inputs + reads.length).fill(1);
  const launches = reads.map((values, i) => ({
    grid: [1, 1, 1],
    arguments: values.map((value) => ({ value, extents: [1, 1, 1] })),
    result: inputs + i,
  })) as unknown as Launch[];
  return { key: "", lengths, names: [], constants: new Map(), scalars: 0, launches, results };
}

/** What the steps of such a program compute, where the given results are of large launches. */
function stepsWith(program: Program, large: readonly number[]): number[][] {
  return stepsOf(program, ({ result }) => !large.includes(result))
    .map(({ launches }) => launches.map(({ result }) => result));
}

describe("the steps of a program", () => {
  it("join small launches that follow each other", () => {
    const chain = programOf(1, [[0], [1], [2], [3]], [4]);
    assertEquals(stepsWith(chain, []), [[1, 2, 3, 4]]);
    assertEquals(stepsWith(chain, [2]), [[1], [2], [3, 4]]);
  });

  it("have large launches as early as they can be", () => {
    // Two large ones read what 1 makes; each has a small one after it.
    const twice = programOf(1, [[0], [1], [2], [1], [4], [3, 5]], [6]);
    assertEquals(stepsWith(twice, [2, 4]), [[1], [2], [4], [3, 5, 6]]);
  });

  it("have no more buffers than a shader may have, but for one launch alone", () => {
    const wide = programOf(9, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]], [9, 10, 11]);
    assertEquals(stepsWith(wide, []), [[9], [10, 11]]);
    const all = programOf(9, [[0, 1, 2, 3, 4, 5, 6, 7, 8]], [9]);
    assertEquals(stepsWith(all, []), [[9]]);
  });

  it("have large launches side by side that read through values over one grid", () => {
    // 1 and 2 read through 0; so does 3, over another grid; 4 reads no more than it writes.
    const reads = [[0], [0], [0], [1]];
    const { launches, ...rest } = programOf(1, reads, [2, 3, 4]);
    const grids = launches.map((launch, i) => i === 2 ? { ...launch, grid: [2, 1, 1] } : launch);
    const program = { ...rest, lengths: [8, 1, 1, 1, 1], launches: grids as Launch[] };
    assertEquals(stepsWith(program, [1, 2, 3, 4]), [[1, 2], [3], [4]]);
  });

  it("say what they need, what others need of them, and what nobody else does", () => {
    const [step] = stepsOf(programOf(2, [[0], [2, 1], [3, 2]], [3, 4]), () => true);
    const { reads, writes, own } = step;
    assertEquals({ reads, writes, own }, { reads: [0, 1], writes: [3, 4], own: [2] });
  });

  it("leave in buffers what a workgroup's memory cannot hold, and have no more of them", () => {
    // A chain whose first two intermediates fill the memory, and each later one needs a buffer.
    const reads = Array.from({ length: 12 }, (_, i) => [i]);
    const long = { ...programOf(1, reads, [12]), lengths: new Array(13).fill(1000) };
    const steps = stepsOf(long, () => true);
    assertEquals(steps.map(({ own }) => own), [[1, 2], [10, 11]]);
    for (const { reads, writes } of steps) assert(reads.length + writes.length <= 8);
  });

  it("compute everything after what it is made of, in random programs", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const upTo = (n: number) => Math.floor(next() * n);
      const inputs = 1 + upTo(3);
      const reads = Array.from(
        { length: 1 + upTo(15) },
        (_, i) => Array.from({ length: 1 + upTo(3) }, () => upTo(inputs + i)),
      );
      const program = programOf(inputs, reads, [inputs + reads.length - 1]);
      const large = reads.map((_, i) => inputs + i).filter(() => next() < 0.4);
      const steps = stepsWith(program, large);
      const order = steps.flat();
      assertEquals(order.toSorted((a, b) => a - b), reads.map((_, i) => inputs + i));
      for (const [at, value] of order.entries()) {
        for (const read of reads[value - inputs]) {
          assert(read < inputs || order.indexOf(read) < at, `seed ${seed}: ${value} reads ${read}`);
        }
      }
      for (const step of steps) {
        assert(step.length === 1 || step.every((value) => !large.includes(value)));
      }
    }
  });
});

describe("launches of one dispatch", () => {
  const programs: readonly (readonly [Program, number])[] = [
    [groupNormOf([1, 64, 64, 192], { groups: 32 }), 4],
    [groupNormOf([2, 8, 24, 24], { groups: 4, channelsAxis: 1 }), 5],
    [batchNormOf([3, 20, 20, 5]), 4],
    [batchNormOf([30, 9, 3], { batchWeights: Array.from({ length: 30 }, (_, i) => i % 3) }), 1],
    [batchNormOf([2, 3, 3, 4], { training: false }), 1],
  ];
  for (const [i, [program, count]] of programs.entries()) {
    const { launches, lengths } = program;

    it(`are so many that program ${i} of ${launches.length} launches has ${count} dispatches`, () => {
      const dispatches = dispatchesOf(program);
      assertEquals(dispatches.length, count);
      for (const { shader: { reads }, writes } of dispatches) {
        assert(reads.length + writes.length <= 8);
      }
    });

    test(`give the bits of dispatches of their own in program ${i}${suffix}`, async () => {
      const next = random(i + 1);
      const values = lengths.map((length) => Float32Array.from({ length }, () => 3 + next()));
      const inputs = values.slice(0, lengths.length - launches.length);
      const scalars = Array.from({ length: program.scalars }, () => 0.5 + next());
      const executable = executor!.compile(program);
      const actual = await executable.run(inputs, scalars) as Float32Array[];
      await executable.dispose();
      program.constants.forEach((number, id) => values[id].fill(number));
      for (const launch of launches) {
        const plain = shaderWith(launch, { tileOf: () => undefined, divisionOf: () => undefined });
        const length = lengths[launch.result];
        const result = await computed(device!, plain, values, scalars, length);
        values[launch.result] = result as Float32Array<ArrayBuffer>;
      }
      program.results.forEach((id, i) => {
        const wrong = actual[i].findIndex((value, at) => !Object.is(value, values[id][at]));
        assert(wrong < 0, `result ${i}: ${actual[i][wrong]} at ${wrong}, not ${values[id][wrong]}`);
      });
    });
  }
});
