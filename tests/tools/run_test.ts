import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countTests } from "./run.ts";

const report = (...cases: string[]) => `<testsuites>\n${cases.join("\n")}\n</testsuites>`;
const entry = (name: string, body = "") => `<testcase name="${name}" line="1">${body}</testcase>`;

/** A process that ended by itself. */
const exit = (code: number, output = "") => ({ code, signal: null, output });
const counts = (passed: number, failed: number, skipped: number, problems: string[] = []) => ({
  passed,
  failed,
  skipped,
  problems,
});

describe("the test command's counts", () => {
  it("are of single tests, not of their suites", () => {
    const cases = [
      entry("a"),
      entry("a &gt; b"),
      entry("a &gt; b &gt; c"),
      entry("a &gt; d"),
      entry("e"),
    ];
    assertEquals(countTests(report(...cases), exit(0)), counts(3, 0, 0));
  });

  it("tell failures and skips apart", () => {
    const cases = [
      entry("a", "<failure>1 of 3 failed</failure>"),
      entry("a &gt; b", '<failure message="no"></failure>'),
      entry("a &gt; c", "<skipped/>"),
      '<testcase name="a &gt; d" line="2"/>',
    ];
    assertEquals(countTests(report(...cases), exit(1)), counts(1, 1, 1));
  });

  it("show a module that did not load as a failure", () => {
    assertEquals(countTests(report(entry("a")), exit(1)), counts(1, 1, 0));
  });

  it("include a module that did not load beside tests that failed", () => {
    const broken = entry("a", '<failure message="no"></failure>');
    const output = "Uncaught error from ./tests/x_test.ts FAILED\na ... FAILED (1ms)\n";
    assertEquals(countTests(report(broken), exit(1, output)), counts(0, 2, 0));
  });

  it("include a suite whose hook failed after its tests passed", () => {
    const cases = [entry("a", '<failure message="hook"></failure>'), entry("a &gt; b")];
    assertEquals(countTests(report(...cases), exit(1)), counts(1, 1, 0));
  });

  it("show a failure where there is no report", () => {
    assertEquals(countTests("", exit(1)).failed, 1);
    assertEquals(countTests("", exit(0)), counts(0, 1, 0, ["no test has passed"]));
  });

  it("show a failure in the report also where the exit code is 0", () => {
    const cases = [entry("a"), entry("b", '<error message="Cancelled"/>')];
    assertEquals(countTests(report(...cases), exit(0)), counts(1, 1, 0));
  });

  it("show a failure where nothing ran, or all was skipped", () => {
    assertEquals(countTests(report(), exit(0)), counts(0, 1, 0, ["no test has passed"]));
    const skipped = report(entry("a", "<skipped/>"));
    assertEquals(countTests(skipped, exit(0)), counts(0, 1, 1, ["no test has passed"]));
  });

  it("show a failure for a file without tests, but not where a filter left none", () => {
    const output = "running 1 test from ./a_test.ts\nrunning 0 tests from ./b_test.ts\n";
    const empty = counts(1, 1, 0, ["./b_test.ts has no tests"]);
    assertEquals(countTests(report(entry("a")), exit(0, output)), empty);
    assertEquals(countTests(report(entry("a")), exit(0, output), true), counts(1, 0, 0));
  });
});

describe("a run that dies of a signal", () => {
  it("has failed, whatever it printed and reported before", () => {
    const output = "ok | 3 passed | 0 failed (1ms)\n";
    const ended = { code: 139, signal: "SIGSEGV", output } as const;
    const died = counts(1, 1, 0, ["Deno died of SIGSEGV"]);
    assertEquals(countTests(report(entry("a")), ended), died);
    assertEquals(countTests("", ended).passed, 0);
  });

  it("leaves a core file outside of the checkout, and says where it crashed", async () => {
    const die = [
      `it("a", () => {`,
      `  console.log("\\nok | 3 passed | 0 failed (1ms)\\n");`,
      `  Deno.kill(Deno.pid, "SIGABRT");`,
      `});`,
    ].join("\n");
    const { code, output, last } = await run(die);
    assertEquals([code === 0, last], [false, "0 passed, 1 failed, 0 skipped"]);
    assertStringIncludes(output, "Deno died of SIGABRT");
    const [, core] = /^the core file is (.*)$/m.exec(output) ?? [];
    // Where the system puts core files elsewhere, there is none to keep.
    if (core === undefined) return;
    assertMatch(output, /^Thread \d+ |there is no gdb/m);
    await Deno.remove(core.slice(0, core.lastIndexOf("/")), { recursive: true });
  });
});

describe("the test command", () => {
  it("ends with the counts of what ran and the exit code of the run", async () => {
    const sound = `describe("a", () => { it("b", () => {}); it.skip("c", () => {}); });`;
    assertEquals(await ended(sound), [0, "1 passed, 0 failed, 1 skipped"]);
    const broken = `it("d", () => { throw new Error("no"); });`;
    assertEquals(await ended(sound, broken), [1, "1 passed, 1 failed, 1 skipped"]);
  });

  it("fails a module that throws after its first test was registered", async () => {
    const broken = `it("a", () => {});\nthrow new Error("no");`;
    const result = await ended(broken, `it("b", () => {});`);
    assertEquals(result, [1, "1 passed, 1 failed, 0 skipped"]);
  });

  it("fails all where a module does not type-check", async () => {
    const wrong = `const text: string = 1;\nit(text, () => {});`;
    const result = await ended(`it("a", () => {});`, wrong);
    assertEquals(result, [1, "0 passed, 1 failed, 0 skipped"]);
  });

  it("fails a file without tests, and a run without tests", async () => {
    const result = await ended(`it("a", () => {});`, `export {};`);
    assertEquals(result, [1, "1 passed, 1 failed, 0 skipped"]);
    assertEquals((await ended(`export {};`))[0], 1);
  });

  it("fails a test that ends the process as if all were well", async () => {
    const result = await ended(`it("a", () => {});`, `it("b", () => Deno.exit(0));`);
    assertEquals(result, [1, "1 passed, 1 failed, 0 skipped"]);
  });

  async function ended(...bodies: readonly string[]): Promise<[code: number, last: string]> {
    const { code, last } = await run(...bodies);
    return [code, last];
  }
});

/** The test command on files of their own; only those that declare types are type-checked. */
async function run(...bodies: readonly string[]) {
  const dir = await Deno.makeTempDir();
  try {
    const bdd = import.meta.resolve("../npm/bdd.ts");
    const files = bodies.map((_, index) => `${dir}/${index}_test.ts`);
    for (const [index, body] of bodies.entries()) {
      const text = `import { describe, it } from ${JSON.stringify(bdd)};\n${body}\n`;
      await Deno.writeTextFile(files[index], text);
    }
    const check = bodies.some((body) => body.includes(": string")) ? [] : ["--no-check"];
    const args = ["run", "-A", "--no-check", "tests/tools/run.ts", "test", ...check, ...files];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    const output = new TextDecoder().decode(stdout).trimEnd();
    return { code, output, last: output.slice(output.lastIndexOf("\n") + 1) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
