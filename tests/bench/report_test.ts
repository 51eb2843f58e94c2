import { type Entry, parseHistory } from "../../bench/history.ts";
import { reportPage } from "../../bench/report.ts";
import { colourOf } from "../../bench/report/drawings.ts";
import { latestOf, meanLevels, stopsOf, tracksOf } from "../../bench/report/levels.ts";
import { rivalsIn } from "../../bench/report/peers.ts";
import { domainOf, spread, ticksOf } from "../../bench/report/scale.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

/** A comparison; the interval is a fifth to either side. */
const compared = (workload: string, revision: string, against: string, median: number): Entry =>
  ({
    workload,
    revision,
    against,
    ratio: { median, low: median / 1.25, high: median * 1.25 },
  }) as Entry;

const HISTORY = [
  compared("gdn", "b", "a", 0.5),
  compared("norm", "b", "a", 0.25),
  compared("gdn", "b", "b", 1.25),
  compared("gdn", "d", "c", 0.5),
  compared("norm", "d", "c", 2),
  compared("late", "d", "c", 0.8),
];

describe("levels of speed", () => {
  it("are products of ratios, from the first revision on", () => {
    const [gdn] = tracksOf(HISTORY);
    assertEquals(gdn.levels.map(({ stop, speed, kind }) => [stop, speed, kind]), [
      ["a", 1, "start"],
      ["b", 2, "compared"],
      ["b A/A", 1.6, "again"],
      ["c", 2, "carried"],
      ["d", 4, "compared"],
    ]);
    const { low, high } = gdn.levels[1];
    assertEquals([low, high], [1.6, 2.5]);
    assertEquals(latestOf(gdn).stop, "d");
  });

  it("begin where a workload was first measured", () => {
    const late = tracksOf(HISTORY)[2];
    assertEquals(late.levels.map(({ stop, speed, kind }) => [stop, speed, kind]), [
      ["c", 1, "start"],
      ["d", 1.25, "compared"],
    ]);
  });

  it("go on from the revision that was compared with, wherever it stands", () => {
    const [{ levels }] = tracksOf([
      compared("gdn", "b", "a", 0.5),
      compared("gdn", "c", "a", 0.25),
      compared("gdn", "c", "a", 0.2),
    ]);
    assertEquals(levels.map(({ stop, speed }) => [stop, speed]), [["a", 1], ["b", 2], ["c", 5]]);
  });

  it("have stops in the order of measuring, those of A/A runs marked", () => {
    const stops = stopsOf(HISTORY);
    assertEquals(stops.map(({ label }) => label), ["a", "b", "b A/A", "c", "d"]);
    assertEquals(stops.filter(({ again }) => again).map(({ label }) => label), ["b A/A"]);
  });

  it("have a mean over those that are there from first to last", () => {
    const tracks = tracksOf(HISTORY);
    const mean = meanLevels(tracks, stopsOf(HISTORY));
    assertEquals(mean.map(({ stop, of }) => [stop, of]), [["a", 2], ["b", 2], ["c", 2], ["d", 2]]);
    mean.forEach(({ speed }, i) => {
      assertAlmostEquals(speed, [1, Math.sqrt(8), Math.sqrt(8), Math.sqrt(8)][i]);
    });
    assertEquals(meanLevels(tracks.slice(2), stopsOf(HISTORY)), []);
  });
});

describe("other libraries in the report", () => {
  it("are the columns of the table of races that are neither ours nor loops and copies", async () => {
    const rivals = rivalsIn(
      [
        "| other | table |",
        "",
        "| milliseconds, median | kernorm | in place | tfjs-wasm | ort-web | plain loop | copy |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| gdn | 8.00 | 7.0 | **2.0** | – | 100 | 0.1 |",
        "| norm | 3 | 7.0 | 12 | 6.0 | 100 | 0.1 |",
        "",
        "| more | rows |",
      ].join("\n"),
    );
    assertEquals(rivals.map(({ workload, speeds }) => [workload, ...speeds]), [
      ["gdn", ["tfjs-wasm", 4]],
      ["norm", ["tfjs-wasm", 0.25], ["ort-web", 0.5]],
    ]);
    const page = await Deno.readTextFile(new URL("../../docs/performance.md", import.meta.url));
    assert(rivalsIn(page).some(({ speeds }) => speeds.has("tfjs-wasm")));
    assertThrows(
      () => rivalsIn("nothing"),
      Error,
      'Cannot read races: the page must have a table of "milliseconds, median"',
    );
  });
});

describe("the page of the report", () => {
  it("draws the whole history: all workloads in one plot, and each in three", async () => {
    const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    const history = parseHistory(await read("bench/history.jsonl"));
    const page = await reportPage(history, rivalsIn(await read("docs/performance.md")));
    const labels = [...page.matchAll(/<svg[^>]* aria-label="([^"]*)"/g)].map(([, label]) => label);
    const of = (workload: string) =>
      ["Speed", "Comparisons", "Milliseconds"].map((what) => `${what} of ${workload}`);
    assertEquals(labels, [
      "Speed of all workloads over revisions",
      ...tracksOf(history).flatMap(({ workload }) => of(workload)),
    ]);
    assertEquals(/NaN|undefined|Infinity/.exec(page), null);
  });
});

describe("the axes of the report", () => {
  it("hold all values with some room, and never zoom into noise", () => {
    const { low, high } = domainOf([1, 10]);
    assertAlmostEquals(low * high, 10);
    assert(low < 1 && low > 0.8);
    const noise = domainOf([1, 1.001]);
    assert(noise.high / noise.low >= 1.25);
  });

  it("have three to seven ticks", () => {
    assertEquals(ticksOf({ low: 0.9, high: 1100 }), [1, 10, 100, 1000]);
    assertEquals(ticksOf({ low: 0.9, high: 33 }), [1, 3, 10, 30]);
    assertEquals(ticksOf({ low: 0.88, high: 1.13 }), [0.9, 0.95, 1, 1.05, 1.1]);
    for (const factor of [1.25, 1.7, 3, 9, 80, 3000]) {
      for (const low of [0.013, 0.7, 5.2]) {
        const ticks = ticksOf({ low, high: low * factor });
        assert(ticks.length >= 3 && ticks.length <= 7, `${ticks} for ${low} and ${factor}`);
        assert(ticks.every((tick) => low <= tick && tick <= low * factor));
      }
    }
  });

  it("have labels that stay where they are, or make room for each other", () => {
    assertEquals(spread([8, 1, 4], 2).map((place) => Math.round(1e9 * place) / 1e9), [8, 1, 4]);
    const [a, b, c, d] = spread([1, 1, 1.1, 100], 2);
    assertAlmostEquals(b / a, 2);
    assertAlmostEquals(c / b, 2);
    assertAlmostEquals(a * b * c, 1.1);
    assertAlmostEquals(d, 100);
    assertEquals(spread([], 2), []);
  });

  it("give a family of ops a colour", () => {
    assertEquals(colourOf("igdn 1x64 NHWC"), colourOf("gdn 1x64 NCHW, both ways"));
    assertEquals(colourOf("rmsNorm 512x2048"), "var(--family8)");
    assert(colourOf("batchNorm training 8x56") !== colourOf("batchNorm inference 8x56"));
  });
});
