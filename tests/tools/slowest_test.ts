import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { slowest, timesOfFiles } from "./slowest.ts";

describe("the times of files", () => {
  it("are sums over the outermost tests", () => {
    const output = [
      "running 2 tests from ./tests/a_test.ts",
      "a suite ...",
      "  a test (that is long) ... ok (900ms)",
      "a suite ... FAILED (due to 1 failed step) (2s)",
      "a test ... ok (1m3s)",
      "running 1 test from ./tests/b_test.ts",
      "left out ... ignored (0ms)",
      "------- output -------",
      "anything",
      "----- output end -----",
      "told ... ok (1m)",
      "running 1 test from ./tests/c_test.ts",
      "short ... ok (40ms)",
      "",
      "ok | 4 passed (1 step) | 0 failed (2m5s)",
    ];
    assertEquals([...timesOfFiles(output.join("\n"))], [
      ["tests/a_test.ts", 65_000],
      ["tests/b_test.ts", 60_000],
      ["tests/c_test.ts", 40],
    ]);
  });
});

describe("what was slowest", () => {
  it("is told longest first, and only what took a second", () => {
    const times = new Map([["a", 1000], ["b", 999], ["c", 71_250]]);
    assertEquals(slowest("files", times), [
      "slowest files:",
      "   71.3 s  c",
      "    1.0 s  a",
    ]);
    assertEquals(slowest("files", new Map([["b", 999]])), []);
  });

  it("is ten at most", () => {
    const times = new Map(Array.from({ length: 12 }, (_, i) => [`${i}`, 2000 + i]));
    const lines = slowest("suites", times);
    assertEquals([lines.length, lines.at(-1)], [11, "    2.0 s  2"]);
  });
});
