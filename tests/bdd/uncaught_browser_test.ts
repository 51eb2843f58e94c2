import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { required } from "../support/required.ts";
import { afterTests, caughtInTime, inTests } from "./uncaught_cases.ts";

const CHROMIUM = "/usr/bin/chromium";
const absent = await Deno.stat(CHROMIUM).then(() => "", () => `: ${CHROMIUM} is not there`);
if (absent !== "" && required.includes("browser")) throw new Error(`Cannot test${absent}`);
const suite = absent === "" ? describe : describe.skip;

suite(`errors that nobody catches in a page${absent}`, () => {
  it("fail the tests that they come up in, and no others; so does a file without tests", async () => {
    const { code, failed, last } = await run(inTests.body, caughtInTime, "export {};");
    assertEquals(failed.map((name) => name.replace(/^.* > /, "")), [
      "2.ts", // told while the files are loaded
      ...inTests.failed,
    ]);
    assertEquals([code, last], [1, "5 passed, 5 failed, 0 skipped"]);
  });

  it("fail the run where they come after the last test", async () => {
    const { code, failed, last } = await run(afterTests[0]);
    assertEquals([code, failed, last], [1, ["the end"], "1 passed, 1 failed, 0 skipped"]);
  });

  it("are no reason for a run without tests to succeed", async () => {
    const { code, last } = await run(`it.skip("left out", () => {});`);
    assertEquals([code, last], [1, "0 passed, 0 failed, 1 skipped"]);
  });
});

/** Runs files of tests in a browser. */
async function run(...bodies: readonly string[]) {
  const dir = await Deno.makeTempDir();
  try {
    const files = bodies.map((_, index) => `${dir}/${index}.ts`);
    for (const [index, body] of bodies.entries()) {
      const functions = "{ after, afterEach, before, beforeEach, describe, it }";
      await Deno.writeTextFile(
        files[index],
        `import ${functions} from "@std/testing/bdd";\n${body}\n`,
      );
    }
    const map = "--import-map=tests/npm.import_map.json";
    const args = ["run", "-A", "--no-lock", "--no-check", map, "tests/browser/main.ts", ...files];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    const failed = lines.flatMap((line) => /^failed: (.*) \(\d+ ms\)$/.exec(line)?.[1] ?? []);
    return { code, failed: failed.map((name) => name.replace(`${dir}/`, "")), last: lines.at(-1) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
