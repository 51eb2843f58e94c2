import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { kernels } from "../../../generated/kernels.ts";
import { recordSoftmaxCrossEntropy } from "../../../ops/arithmetic/cross_entropy.ts";
import type { Extents, Launch, Program } from "../../../ops/plan/program.ts";
import { chooseDivision, type Division } from "../../../ops/runtime/webgpu/compiler/divided.ts";
import { shaderOf, shaderWith } from "../../../ops/runtime/webgpu/compiler/wgsl.ts";
import { skipOf } from "../../support/backends.ts";
import { batchNormOf, groupNormOf, programOf } from "../../support/programs.ts";
import { random } from "../../support/random.ts";
import { computed, openDevice } from "../../support/shader.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;
const device = skip === undefined ? await openDevice() : undefined;
after(() => device?.destroy());

const isDivided = (text: string) => text.includes("let part = i32(index)");

/** Sums of many and few positions, in both formats, weighted and not, and of classes. */
const PROGRAMS: readonly Program[] = [
  groupNormOf([2, 40, 40, 8], { groups: 2 }),
  groupNormOf([2, 8, 40, 40], { groups: 4, channelsAxis: 1 }),
  batchNormOf([3, 5, 50, 50], { dataFormat: "NCHW" }),
  batchNormOf([70, 9, 3], { batchWeights: Array.from({ length: 70 }, (_, i) => i % 3) }),
  batchNormOf([20000, 2]),
  programOf([4, 300], (plan, x) => recordSoftmaxCrossEntropy(plan, x, x)),
];

/** A launch of a kernel whose loops are long. */
function longLaunch(index: number): Launch {
  const kernel = kernels[index];
  const grid: Extents = [16, 2, 2];
  const long = ["positions", "length"];
  return {
    kernel,
    grid,
    constants: Object.fromEntries(
      kernel.constants.map((name) => [name, long.includes(name) ? 256 : 16]),
    ),
    arguments: kernel.arguments.map(({ kind }, i) =>
      kind === "scalar" ? { scalar: i } : { value: i, extents: grid }
    ),
    result: kernel.arguments.length,
  };
}

describe("the turns of a loop", () => {
  it("are shared out for every kernel that sums over positions", () => {
    const counts: Record<string, number> = {};
    kernels.forEach((kernel, i) => {
      if (kernel.lanes > 1 || !isDivided(shaderOf(longLaunch(i)).text)) return;
      counts[kernel.kernel] = (counts[kernel.kernel] ?? 0) + 1;
    });
    assertEquals(counts, {
      gdnOuter: 6,
      matmul: 4,
      chunkDeviations: 2,
      chunkSquares: 2,
      compensatedSum: 2,
      mergeMean: 3,
      mergeSquares: 3,
      weightSum: 1,
      chunkDot: 2,
      chunkShare: 4,
      chunkSum: 4,
      crossEntropy: 1,
      exponentials: 1,
    });
  });

  it("are shared out where cells are few and turns are many", () => {
    assertEquals(chooseDivision(1, 128, 128), { cells: 4, threads: 64 });
    assertEquals(chooseDivision(64, 16, 16), { cells: 16, threads: 16 });
    assertEquals(chooseDivision(64, 5, 16), { cells: 16, threads: 8 });
    for (const [cells, turns, inner] of [[2 ** 17, 16, 16], [64, 3, 100], [64, 7, 8]]) {
      assertEquals(chooseDivision(cells, turns, inner), undefined);
    }
  });

  for (const [i, program] of PROGRAMS.entries()) {
    const names = program.launches.map(({ kernel }) => kernel.name);
    test(`give the bits of one thread in program ${i}, of ${names.length} launches${suffix}`, async () => {
      const next = random(i + 1);
      const values = program.lengths.map((length) =>
        Float32Array.from({ length }, () => 3 + next())
      );
      let divided = 0;
      for (const launch of program.launches) {
        divided += await check(launch, values) ? 1 : 0;
      }
      assert(divided > 0, names.join(" "));
    });
  }
});

/** Cells and turns that do not fill their workgroups. */
const ODD: Division = { cells: 3, threads: 5 };

/** Compares a launch with that of a thread for each cell, if it is divided. */
async function check(launch: Launch, values: Float32Array<ArrayBuffer>[]): Promise<boolean> {
  const shaders = [shaderOf(launch), shaderWith(launch, { divisionOf: () => ODD })]
    .filter(({ text }) => isDivided(text));
  if (shaders.length === 0) return false;
  const plain = shaderWith(launch, { divisionOf: () => undefined });
  assert(!isDivided(plain.text));
  const scalars = new Array(20).fill(7);
  const { length } = values[launch.result];
  const expected = await computed(device!, plain, values, scalars, length);
  for (const shader of shaders) {
    const actual = await computed(device!, shader, values, scalars, length);
    const wrong = expected.findIndex((value, i) => !Object.is(actual[i], value));
    assert(
      wrong < 0 && !expected.includes(NaN),
      `${launch.kernel.name} of ${launch.grid}: ${actual[wrong]} at ${wrong}, not ${
        expected[wrong]
      }`,
    );
  }
  return true;
}
