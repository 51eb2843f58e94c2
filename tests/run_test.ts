import { assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { countTests, diedAfterPassing } from "./run.ts";

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

  it("include a module that did not load beside tests that failed", () => {
    const broken = entry("a", '<failure message="no"></failure>');
    const output = "Uncaught error from ./tests/x_test.ts FAILED\na ... FAILED (1ms)\n";
    assertEquals(countTests(report(broken), 1, output), { passed: 0, failed: 2, skipped: 0 });
  });

  it("include a suite whose hook failed after its tests passed", () => {
    const cases = [entry("a", '<failure message="hook"></failure>'), entry("a &gt; b")];
    assertEquals(countTests(report(...cases), 1), { passed: 1, failed: 1, skipped: 0 });
  });

  it("show a failure where there is no report", () => {
    assertEquals(countTests("", 1), { passed: 0, failed: 1, skipped: 0 });
  });
});

describe("a run that dies of a signal", () => {
  const closing = "ok | 105 passed (1664 steps) | 0 failed (1m24s)\n";

  it("has passed if it had said so before", () => {
    assertEquals(diedAfterPassing({ signal: "SIGABRT", output: `a ... ok\n\n${closing}\n` }), true);
  });

  it("has failed if it had not, or if a test had failed", () => {
    assertEquals(diedAfterPassing({ signal: "SIGSEGV", output: "a ... ok\nb ..." }), false);
    const failed = "FAILED | 1 passed (2 steps) | 1 failed (1 step) (2s)\n";
    assertEquals(diedAfterPassing({ signal: "SIGABRT", output: failed }), false);
    assertEquals(diedAfterPassing({ signal: null, output: closing }), false);
  });

  it("is a failure where it dies in a test or between them", async () => {
    const dir = await Deno.makeTempDir();
    const bdd = import.meta.resolve("./npm/bdd.ts");
    const kill = `Deno.kill(Deno.pid, "SIGKILL")`;
    const text = `import { it } from ${JSON.stringify(bdd)};\nit("a", () => ${kill});\n`;
    await Deno.writeTextFile(`${dir}/a_test.ts`, text);
    const args = ["run", "-A", "tests/run.ts", "test", `${dir}/a_test.ts`];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    await Deno.remove(dir, { recursive: true });
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assertEquals([code === 0, lines.at(-1)], [false, "0 passed, 1 failed, 0 skipped"]);
  });
});

describe("the test command", () => {
  let dir = "";
  before(async () => {
    dir = await Deno.makeTempDir();
  });
  after(() => Deno.remove(dir, { recursive: true }));

  async function run(...bodies: readonly string[]): Promise<{ code: number; last: string }> {
    const bdd = import.meta.resolve("./npm/bdd.ts");
    const files = bodies.map((_, index) => `${dir}/${index}_test.ts`);
    for (const [index, body] of bodies.entries()) {
      const text = `import { describe, it } from ${JSON.stringify(bdd)};\n${body}\n`;
      await Deno.writeTextFile(files[index], text);
    }
    const args = ["run", "-A", "tests/run.ts", "test", ...files];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    return { code, last: lines.at(-1) ?? "" };
  }

  it("ends with the counts of what ran and the exit code of the run", async () => {
    const sound = `describe("a", () => { it("b", () => {}); it.skip("c", () => {}); });`;
    assertEquals(await run(sound), { code: 0, last: "1 passed, 0 failed, 1 skipped" });
    const broken = `it("d", () => { throw new Error("no"); });`;
    assertEquals(await run(sound, broken), { code: 1, last: "1 passed, 1 failed, 1 skipped" });
  });

  it("fails a module that throws after its first test was registered", async () => {
    const broken = `it("a", () => {});\nthrow new Error("no");`;
    const result = await run(broken, `it("b", () => {});`);
    assertEquals(result, { code: 1, last: "1 passed, 1 failed, 0 skipped" });
  });

  it("fails all where a module does not type-check", async () => {
    const result = await run(`it("a", () => {});`, `const text: string = 1;\nit(text, () => {});`);
    assertEquals(result, { code: 1, last: "0 passed, 1 failed, 0 skipped" });
  });
});
