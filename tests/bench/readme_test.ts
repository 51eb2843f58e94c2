import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Race, Result } from "../../bench/result.ts";
import type { Run } from "../../bench/races.ts";
import { introduction, SELECTED, selectedRaces, table, withSection } from "../../bench/readme.ts";
import { chart } from "../../bench/readme_chart.ts";
import { workloads } from "../../bench/workloads.ts";

const result = (name: string, median: number, min = median): Result => ({
  name,
  peer: /^(tfjs|onnx)/.test(name),
  executor: "somewhere",
  median,
  min,
  error: null,
});
const raceOf = (id: string, results: Result[]): Race => ({
  workload: workloads.find((workload) => workload.id === id)!,
  results,
  absent: [],
});
const gdn = raceOf("gdn 1x64x64x192 NHWC", [
  result("kernorm wasm", 7),
  result("tfjs-wasm 4.22.0", 14),
  result("onnxruntime-node 1.30.0, 2 threads", 2),
  result("onnxruntime-node 1.30.0", 3.5, 1),
  result("copy, fresh memory", 0.7),
]);
const runOf = (races: Race[]): Run => ({
  machine: { date: "2026-01-02", cpu: "a cpu", cores: 2, deno: "2.9.6", v8: "15", gpujs: "2.24.1" },
  races,
});

describe("what is published of a run", () => {
  it("is a table of one thread's medians with the fastest in bold", () => {
    const [head, rule, row] = table([gdn]).split("\n");
    assertEquals(
      head,
      "| milliseconds, median | kernorm | in place | tfjs-wasm | ort-web | ort-node, 1 thread | plain loop | copy |",
    );
    assert(rule.startsWith("| --- | ---: |"));
    assertEquals(row, "| gdn 1x64x64x192 NHWC | 7.00 | – | 14.0 | – | **3.50** | – | 0.700 |");
  });

  it("has a column for jax-js and for PyTorch where they took part, in the chart as well", () => {
    const more = raceOf("layerNorm 512x768", [
      result("kernorm wasm", 1),
      result("jax-js 0.1.25, default threads", 2),
      result("jax-js 0.1.25", 3),
      result("pytorch 2.9.1", 0.5),
    ]);
    const [head, , , row] = table([gdn, more]).split("\n");
    assert(head.includes("| ort-web | jax-js | ort-node, 1 thread | pytorch, 1 thread |"));
    assertEquals(
      row,
      "| layerNorm 512x768 | 1.00 | – | – | – | 3.00 | – | **0.500** | – | – |",
    );
    assert(chart([gdn, more], runOf([]).machine).includes(">pytorch (native)<"));
  });

  it("says where it was measured, and against which versions", () => {
    const text = introduction(runOf([gdn])).replaceAll("\n", " ");
    assert(
      text.startsWith("Measured on a cpu, 2 cores, with Deno 2.9.6 (V8 15) and gpu.js 2.24.1"),
    );
    assert(text.includes("versions: onnxruntime-node 1.30.0, tfjs-wasm 4.22.0."));
  });

  it("goes between the markers of a page", () => {
    const page = "a\n<!-- performance: start -->\nold\n<!-- performance: end -->\nb";
    assertEquals(
      withSection("README.md", page, "new"),
      "a\n<!-- performance: start -->\n\nnew\n\n<!-- performance: end -->\nb",
    );
    assertThrows(() => withSection("README.md", "a", "new"), Error, "README.md must hold");
  });

  it("needs the races that the README shows, and takes them in its order", () => {
    const races = SELECTED.map((id) => raceOf(id, gdn.results as Result[]));
    assertEquals(selectedRaces(runOf(races.toReversed())), races);
    assertThrows(
      () => selectedRaces(runOf([gdn])),
      Error,
      "Cannot write the section: the run must have raced groupNorm 32 8x56x56x64 NHWC",
    );
  });
});

describe("the chart", () => {
  const svg = chart([gdn], runOf([]).machine);
  const widths = [...svg.matchAll(/class="(ours|bar)".* width="([\d.]+)"/g)]
    .map(([, kind, width]) => [kind, Number(width)]);

  it("has bars as long as their times, ours in a colour of their own", () => {
    assertEquals(widths.map(([kind]) => kind), ["ours", "bar", "bar"]);
    const [[, ours], [, tensorflow], [, onnx]] = widths as [string, number][];
    assertEquals([ours / tensorflow, onnx / tensorflow], [0.5, 0.25]);
  });

  it("has a dash where a library has no result, and names the machine", () => {
    assertEquals(svg.match(/>–</g)?.length, 2);
    assert(svg.includes("<title>Milliseconds per call on a cpu,"));
  });
});
