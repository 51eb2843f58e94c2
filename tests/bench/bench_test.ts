import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { smallerIsBetter } from "../../bench/export.ts";
import { type Entry, historyLine, isSlower, parseHistory } from "../../bench/history.ts";
import type { Run } from "../../bench/races.ts";
import { median, ratioOf } from "../../bench/statistics.ts";
import { tracked } from "../../bench/tracked.ts";
import { aligned, bestPeer, milliseconds, raceTable } from "../../bench/table.ts";
import { bytesOf, channelsOf, operationsOf, workloads } from "../../bench/workloads.ts";

const workload = workloads.find(({ id }) => id === "gdn 1x64x64x192 NHWC")!;
const result = (name: string, median: number, peer = false) => ({
  name,
  peer,
  executor: "somewhere",
  median,
  min: median / 2,
  error: peer ? 1e-6 : null,
});
const race = {
  workload,
  results: [
    result("kernorm wasm", 7),
    result("tfjs-wasm 4.22.0", 14, true),
    result("onnxruntime-node 1.23.0", 3.5, true),
    result("copy, fresh memory", 0.7),
  ],
  absent: [{ name: "plain loop", absent: "not written" }],
};
const run: Run = {
  machine: { date: "2026-01-02", cpu: "a cpu", cores: 2, deno: "2.9.6", v8: "15", gpujs: "2.24.1" },
  races: [race],
};

describe("statistics of timings", () => {
  it("take the middle", () => {
    assertEquals([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
    assertThrows(() => median([]), RangeError, "there must be values, got 0");
  });

  it("know ratios with an interval that holds the truth and not much else", () => {
    const before = Array.from({ length: 40 }, (_, i) => 10 + Math.sin(i));
    const after = before.map((time, i) => time * (1.2 + 0.01 * Math.cos(3 * i)));
    const { median, low, high } = ratioOf(after, before);
    assert(low <= 1.2 && 1.2 <= high && high - low < 0.02 && Math.abs(median - 1.2) < 0.01);
    assertEquals(ratioOf(after, before), ratioOf(after, before));
    assertThrows(() => ratioOf([1], [1, 2]), RangeError, "timings must be paired, got 1 and 2");
  });
});

describe("the history", () => {
  const entry = { workload: "a", ratio: { median: 1.2, low: 1.1, high: 1.3 } } as Entry;

  it("is read as it was written", () => {
    assertEquals(parseHistory(historyLine(entry) + historyLine(entry)), [entry, entry]);
    assertThrows(() => parseHistory("{}\nno\n"), SyntaxError, "line 2 must be JSON, got no");
  });

  it("calls slower what is so surely and by enough", () => {
    const slower = (median: number, low: number) => isSlower({ ratio: { median, low, high: 2 } });
    assertEquals([slower(1.2, 1.1), slower(1.2, 0.9), slower(1.05, 1.01)], [true, false, false]);
  });
});

describe("tables", () => {
  it("put the best peer beside everything", () => {
    assertEquals(bestPeer(race)?.name, "onnxruntime-node 1.23.0");
    const lines = raceTable(race).split("\n");
    assert(
      lines.some((line) => /kernorm wasm .* 7\.00 .* 0\.50x .* 43\.1 GFLOP\/s .* 10 %/.test(line)),
    );
    assertEquals(lines.at(-1), "  plain loop: absent, not written");
  });

  it("align their columns", () => {
    assertEquals(aligned([["a", "b", "c"], ["long", "1", "d"]]), ["  a     b  c", "  long  1  d"]);
    assertEquals([milliseconds(1234), milliseconds(0.012345)], ["1234", "0.0123"]);
  });
});

describe("tracking", () => {
  it("runs this revision by the interface that other revisions see", async () => {
    assert(tracked.workloads.every(({ shape }) => shape.reduce((a, b) => a * b) <= 4e6));
    const { id } = tracked.workloads.find(({ id }) => id.startsWith("tiny"))!;
    const { run, dispose, backend } = await tracked.open(id);
    await run();
    await dispose();
    assertEquals(backend, "wasm");
    await assertRejects(run, Error, "runtime must not be disposed");
  });
});

describe("what is made of a run", () => {
  it("is JSON in which smaller is better", () => {
    assertEquals(smallerIsBetter(run), [{
      name: "gdn 1x64x64x192 NHWC: kernorm wasm",
      unit: "ms",
      value: 7,
      extra: "somewhere, a cpu, Deno 2.9.6",
    }]);
  });
});

describe("workloads", () => {
  it("have names of their own and know their size", () => {
    assertEquals(new Set(workloads.map(({ id }) => id)).size, workloads.length);
    assertEquals(
      [channelsOf(workload), operationsOf(workload), bytesOf(workload)],
      [192, 2 * 4096 * 192 * 192, 8 * 4096 * 192],
    );
  });
});
