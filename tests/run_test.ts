import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countTests } from "./run.ts";

const report = (...cases: string[]) => `<testsuites>\n${cases.join("\n")}\n</testsuites>`;
const entry = (name: string, body = "") => `<testcase name="${name}" line="1">${body}</testcase>`;

describe("the test command's counts", () => {
  it("are of single tests, not of their suites", () => {
    const cases = [
      entry("a"),
      entry("a &gt; b"),
      entry("a &gt; b &gt; c"),
      entry("a &gt; d"),
      entry("e"),
    ];
    assertEquals(countTests(report(...cases), 0), { passed: 3, failed: 0, skipped: 0 });
  });

  it("tell failures and skips apart", () => {
    const cases = [
      entry("a", "<failure>1 of 3 failed</failure>"),
      entry("a &gt; b", '<failure message="no"></failure>'),
      entry("a &gt; c", "<skipped/>"),
      '<testcase name="a &gt; d" line="2"/>',
    ];
    assertEquals(countTests(report(...cases), 1), { passed: 1, failed: 1, skipped: 1 });
  });

  it("show a module that did not load as a failure", () => {
    assertEquals(countTests(report(entry("a")), 1), { passed: 1, failed: 1, skipped: 0 });
  });
});
