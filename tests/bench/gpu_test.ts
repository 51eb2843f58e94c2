import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { autoRatio, crossingOf, crossingTable } from "../../bench/gpu/crossing.ts";
import { goalsOf } from "../../bench/gpu/goals.ts";
import { repeated, repeatedCheck, repeatedInputs, spread } from "../../bench/gpu/inputs.ts";
import { nextCalls } from "../../bench/gpu/pace.ts";
import { type GpuResult, raceOf } from "../../bench/gpu/race.ts";
import { gpuTable, rateOf } from "../../bench/gpu/report.ts";
import {
  bytesOfX,
  fitting,
  gpuWorkloads,
  largeOf,
  movesOf,
  workOf,
} from "../../bench/gpu/workloads.ts";
import { copyWork, fmaResult, fmaWork } from "../../bench/gpu/yardsticks.ts";

const MIB = 2 ** 20;
const NO_LIMIT = 2 ** 40;

const result = (name: string, median: number, more: Partial<GpuResult> = {}): GpuResult => ({
  name,
  peer: false,
  place: "stays",
  device: "a card",
  yardstick: false,
  median,
  min: median,
  calls: 1,
  work: { amount: 3 * 64e6, unit: "B" },
  error: null,
  ...more,
});

const race = {
  id: "groupNorm",
  counted: "3N",
  results: [
    result("kernorm webgpu", 1),
    result("kernorm webgpu", 9, { place: "copies" }),
    result("tfjs-webgpu 4.22.0", 3, { peer: true, error: 1e-6 }),
    result("jax-js 0.1.25", 1.5, { peer: true }),
    result("copy by a shader", 0.5, { yardstick: true, work: copyWork(64e6) }),
  ],
  absent: [{ name: "onnxruntime-webgpu", absent: "no build\nof it" }],
  failed: [],
};

describe("the yardsticks of a card", () => {
  it("count both ends of a copy, and two operations for a multiply-add", () => {
    assertEquals(copyWork(10), { amount: 20, unit: "B" });
    // 8 in a row on 16 accumulators.
    assertEquals(fmaWork({ threads: 256, steps: 3 }).amount, 256 * 3 * 8 * 16 * 2);
  });

  it("know what the multiply-adds leave", () => {
    let values = [0, 1, 2, 3].map((start) => 3 * 0.25 + start);
    for (let i = 0; i < 2 * 8; i++) values = values.map((value) => 0.999 * value + 0.001);
    const sum = values.reduce((a, b) => a + b);
    assert(Math.abs(fmaResult(7, 2)[0] - sum) < 1e-12);
  });
});

describe("workloads of a card", () => {
  it("are large there and small in software, under names of their own", () => {
    const full = gpuWorkloads("full", NO_LIMIT);
    const quick = gpuWorkloads("quick", NO_LIMIT);
    for (const all of [full, quick]) {
      assertEquals(new Set(all.map(({ id }) => id)).size, all.length);
    }
    const norms = full.filter(({ small }) => small.operation !== "gdn");
    assert(norms.every((workload) => bytesOfX(workload) >= 64 * MIB));
    assert(quick.every((workload) => bytesOfX(workload) <= MIB));
    const gdn = largeOf(full.find(({ id }) => id === "gdn 1024x32x32x192 NHWC")!);
    assertEquals(gdn.shape, [1024, 32, 32, 192]);
  });

  it("shrink until the device takes them", () => {
    assertEquals([fitting(64, MIB, 64 * MIB), fitting(64, MIB, 63 * MIB)], [64, 32]);
    assertEquals(fitting(64, MIB, 1), 1);
    const full = gpuWorkloads("full", 100 * MIB);
    assert(full.every((workload) => bytesOfX(workload) <= 100 * MIB));
  });

  it("count what must move, or the matrix of GDN", () => {
    const all = gpuWorkloads("full", NO_LIMIT);
    const of = (id: string) => all.find((workload) => workload.id === id)!;
    assertEquals(
      [
        "batchNorm inference 64x64x64x64 NHWC",
        "groupNorm 32 64x64x64x64 NCHW",
        "layerNorm 22016x768, both ways",
      ].map((id) => movesOf(of(id))),
      [2, 3, 8],
    );
    assertEquals(workOf(of("groupNorm 32 64x64x64x64 NCHW")), { amount: 3 * 64 * MIB, unit: "B" });
    const gdn = workOf(of("gdn 1024x32x32x192 NHWC"));
    assertEquals(gdn, { amount: 2 * 2 ** 20 * 192 ** 2, unit: "FLOP" });
  });
});

describe("repeated inputs", () => {
  const of = (id: string) =>
    gpuWorkloads("quick", NO_LIMIT).find((workload) => workload.id === id)!;

  it("are those of the small workload, over and over", () => {
    assertEquals(repeated(Float32Array.of(1, 2), 2), Float32Array.of(1, 2, 1, 2));
    assertEquals([spread(1, 4), spread(3, 4), spread(9, 3)], [[0], [0, 1, 2], [0, 4, 8]]);
    const { x } = repeatedInputs(of("layerNorm 128x768"));
    assertEquals(x.subarray(0, 64 * 768), x.subarray(64 * 768));
  });

  it("tell a wrong repeat and a wrong length from a right answer", () => {
    const workload = of("batchNorm inference 2x32x32x64 NHWC");
    const check = repeatedCheck(workload);
    const { x, beta, gamma, mean, variance } = repeatedInputs(workload);
    const y = x.map((value, i) => {
      const c = i % 64;
      return (value - mean[c]) / Math.sqrt(variance[c] + 1e-3) * gamma[c] + beta[c];
    });
    assert(check(y) < 1e-5);
    assertEquals(check(y.subarray(1)), Infinity);
    y[y.length - 1] += 1;
    assert(check(y) > 0.9);
  });
});

describe("the pace of a race", () => {
  it("grows to what fills a batch, and by no more than ten at a time", () => {
    assertEquals([nextCalls(1, 0, 50), nextCalls(1, 25, 50), nextCalls(8, 49, 50)], [10, 3, 9]);
    assertEquals(nextCalls(5000, 1, 50), 10_000);
  });
});

describe("a race on a card", () => {
  const contender = (name: string, answer: Float32Array, peer: boolean) => ({
    name,
    peer,
    place: "stays" as const,
    device: "a card",
    call: () => new Promise<void>((resolve) => setTimeout(resolve, 60)),
    finish: () => Promise.resolve(),
    answer: () => Promise.resolve(answer),
    dispose: () => {},
  });
  const run = (...contenders: ReturnType<typeof contender>[]) =>
    raceOf({
      id: "a",
      counted: "",
      work: { amount: 1, unit: "B" },
      contenders: [...contenders, { name: "gone", peer: true, absent: "not there" }],
      check: (y) => (y as Float32Array)[0],
    }, 1);

  it("gives what is wrong no time, and calls it a failure if it is this library's", async () => {
    const right = Float32Array.of(0);
    const wrong = Float32Array.of(1);
    const { results, absent, failed } = await run(
      contender("kernorm webgpu", right, false),
      contender("kernorm wasm", wrong, false),
      contender("another", wrong, true),
    );
    assertEquals(results.map(({ name }) => name), ["kernorm webgpu"]);
    assertEquals(absent.map(({ name }) => name), ["gone", "another"]);
    assertEquals(failed, [{
      name: "kernorm wasm",
      absent: "Cannot time kernorm wasm: its error must be below 0.0001, got 1",
    }]);
  });

  it("is a table with shares of the yardstick, and says what was absent and why", () => {
    assertEquals(rateOf(race.results[0]), 192);
    const lines = gpuTable(race).split("\n");
    assert(/copy by a shader .* 256 GB\/s +100 %/.test(lines[2]), lines[2]);
    assert(/kernorm webgpu +stays +1\.00 .* 192 GB\/s +75 % +1\.50x .* a card/.test(lines[3]));
    assertEquals(lines.at(-1), "  onnxruntime-webgpu: absent, no build");
  });
});

describe("goals on a card", () => {
  it("are judged with tensors that stay, against the yardstick and each peer", () => {
    const verdicts = goalsOf([race], []);
    assertEquals(
      verdicts.map(({ bar, measured, outcome }) => [bar, measured, outcome]),
      [[">= 80 %", "75 %", "MISSED"], [">= 2x", "3.00x", "met"], [">= 2x", "1.50x", "MISSED"]],
    );
  });

  it("leave out small norms, and take nothing unsteady for met", () => {
    const small = { ...race.results[4], work: copyWork(1e6) };
    const unsteady = result("kernorm webgpu", 1, { min: 0.1 });
    const [tf] = goalsOf([{ ...race, results: [unsteady, race.results[2], small] }], []);
    assertEquals([tf.bar, tf.outcome], [">= 2x", "unsteady"]);
  });
});

describe("crossings", () => {
  const point = (elements: number, webgpu: number, wasm: number, auto: number) => ({
    elements,
    webgpu,
    wasm,
    auto,
  });
  const points = [point(1, 4, 1, 1), point(4, 2, 3, 2.2), point(16, 9, 8, 8), point(64, 9, 32, 9)];

  it("are where webgpu begins to be the faster for good", () => {
    assertEquals([crossingOf(points), crossingOf(points.slice(0, 3))], [64, undefined]);
    assertEquals(points.map(autoRatio), [1, 1.1, 1, 1]);
    const table = crossingTable({ op: "gdn", place: "stays", device: "a card", points });
    assertEquals(
      table.split("\n")[0],
      "gdn, tensors that stay, on a card: webgpu is the faster from 64 elements on",
    );
  });

  it("judge auto where it has a choice", () => {
    const crossing = { op: "gdn", place: "copies" as const, device: "a card", points };
    const bound = points.map(({ auto: _, ...rest }) => rest);
    const verdicts = goalsOf([], [crossing, { ...crossing, place: "stays", points: bound }]);
    assertEquals(
      verdicts.map(({ measured, outcome }) => [measured, outcome]),
      [["1.10x at worst", "met"]],
    );
  });
});
