import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { afterTests, caughtInTime, inTests } from "./uncaught_cases.ts";

/** The part of Node's modules that is used; Deno and Bun have it as well. */
interface Process {
  readonly execPath: string;
  readonly env: Record<string, string | undefined>;
  getBuiltinModule(name: "node:child_process"): {
    spawnSync(command: string, args: readonly string[], options: object): {
      readonly status: number | null;
      readonly stdout: string;
      readonly stderr: string;
    };
  };
  getBuiltinModule(name: "node:fs"): {
    mkdtempSync(prefix: string): string;
    writeFileSync(path: string, text: string): void;
    rmSync(path: string, options: object): void;
  };
  getBuiltinModule(name: "node:os"): { tmpdir(): string };
}

const { process, document } = globalThis as unknown as { process: Process; document?: unknown };

/** How this runtime runs a file, and where the bdd of its tests is. */
const RUNTIMES = {
  deno: {
    args: ["test", "-A", "--no-lock", "--no-check", "--no-config", "--reporter=tap"],
    bdd: "../npm/bdd.ts",
  },
  node: { args: ["--test", "--test-reporter=tap"], bdd: "../package/bdd.js" },
  bun: { args: ["test"], bdd: "../package/bdd.js" },
};

describe("errors that nobody catches", () => {
  if (document !== undefined) return it.skip("start processes, which a page cannot", () => {});

  it("fail the tests that they come up in, and no others", () => {
    const { code, passed, failed, output } = run(inTests.body);
    assert(code !== 0, output);
    const missing = inTests.failed.filter((name) => !failed.includes(name));
    assertEquals([missing, inTests.passed.filter((name) => !passed.includes(name))], [[], []]);
    assertEquals(inTests.failed.filter((name) => passed.includes(name)), []);
  });

  for (const [i, body] of afterTests.entries()) {
    it(`fail the run where they come after tests or in hooks (${i + 1})`, () => {
      const { code, output } = run(body);
      assert(code !== 0, output);
    });
  }

  it("are not those that somebody catches", () => {
    const { code, passed, output } = run(caughtInTime);
    assertEquals([code, passed.length], [0, 3], output);
  });
});

/** Runs a file of tests with this runtime, in a process of its own. */
function run(body: string) {
  const { args, bdd } = RUNTIMES[
    "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node"
  ];
  const { mkdtempSync, writeFileSync, rmSync } = process.getBuiltinModule("node:fs");
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const dir = mkdtempSync(`${process.getBuiltinModule("node:os").tmpdir()}/kernorm-`);
  try {
    const file = `${dir}/case_test.mjs`;
    const functions = "{ after, afterEach, before, beforeEach, describe, it }";
    const from = JSON.stringify(new URL(bdd, import.meta.url).href);
    writeFileSync(file, `import ${functions} from ${from};\n${body}\n`);
    // A run inside of a run must not tell the outer one in the outer one's way.
    const { NODE_TEST_CONTEXT: _, KERNORM_REQUIRE: __, ...env } = process.env;
    const options = { cwd: dir, env: { ...env, NO_COLOR: "1" }, encoding: "utf8" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, file], options);
    const output = stdout + stderr;
    return {
      code: status,
      output,
      passed: namesIn(output, /^\s*ok \d+ - (.*)$|^\(pass\) (.*)$/gm),
      failed: namesIn(output, /^\s*not ok \d+ - (.*)$|^\(fail\) (.*)$/gm),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Names of single tests: without the suites before them, and without times. */
function namesIn(output: string, line: RegExp): string[] {
  return [...output.matchAll(line)].map(([, tap, bun]) =>
    (tap ?? bun).replace(/ \[[\d.]+ms\]$/, "").replace(/^.* > /, "")
  );
}
