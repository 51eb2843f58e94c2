/**
 * `deno task test` and `check`: Deno's own commands over the whole project, with the npm
 * import map in place of JSR where JSR does not answer. `test` ends with the slowest files and the
 * count of single tests.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { slowest, timesOfFiles } from "./slowest.ts";

/** How a test run went, in single tests. */
export interface Tally {
  readonly passed: number;
  /** Failed tests, hooks that failed a suite, and all that makes a run worthless. */
  readonly failed: number;
  readonly skipped: number;
  /** What is wrong besides tests that failed, in words. */
  readonly problems: readonly string[];
}

/** How Deno ended. */
export interface Ended {
  readonly code: number;
  /** What ended the process, if it did not end by itself. */
  readonly signal: Deno.Signal | null;
  /** What it printed, without colours. */
  readonly output: string;
}

const PROBE_MS = 5000;

/** The commands, each with what it always gets. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  test: ["-A", "--doc"],
  check: [],
};

/**
 * Starts Deno so that a crash leaves a core file. On Linux without wgpu's OpenGL backend: with it, libEGL
 * is loaded, and libglvnd 1.6 frees at the end of the process what its threads free as they end, so
 * that now and then a process died after its last test (a segmentation fault in libEGL, or "corrupted
 * size vs. prev_size").
 */
const START = `ulimit -c unlimited 2>/dev/null
[ "$(uname)" = Linux ] && export DENO_WEBGPU_BACKEND="\${DENO_WEBGPU_BACKEND-vulkan}"
exec "$0" "$@"`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main([command = "nothing", ...rest]: readonly string[]): Promise<number> {
  if (!Object.hasOwn(FLAGS, command)) {
    console.error(`Cannot run: command must be test or check, got ${command}`);
    return 2;
  }
  const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
  try {
    const args = [command, ...FLAGS[command], ...await resolution(dir)];
    if (command !== "test") return (await deno([...args, ...rest])).code;
    const path = `${dir}/junit.xml`;
    const ended = await deno([...args, `--junit-path=${path}`, ...rest]);
    // A process that died may have left its last line open; the counts stand on one of their own.
    if (ended.output !== "" && !ended.output.endsWith("\n")) console.log();
    const filtered = rest.some((argument) => /^--filter(=|$)/.test(argument));
    const tally = countTests(await readIfThere(path), ended, filtered);
    for (const line of slowest("files", timesOfFiles(ended.output))) console.log(line);
    for (const problem of tally.problems) console.log(problem);
    console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
    return tally.failed === 0 ? 0 : ended.code || 1;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/**
 * Counts single tests in Deno's JUnit report, which lists suites beside the tests in them. Only what is
 * in the report has passed; what Deno printed can only add failures.
 *
 * A failed suite counts where no test in it says why: its hook failed. A module that throws while it
 * loads is in the output only, one that does not type-check shows in nothing but the exit code, and a
 * process that died may have written no report. A test is taken for a suite if a sibling's name goes on
 * from its own with " > ".
 *
 * @param report Text of the report; empty where Deno wrote none.
 * @param ended How Deno ended.
 * @param filtered Whether tests were left out by their names, so that a file may have none left.
 * @returns The counts; `failed` is at least 1 unless tests passed and nothing else happened.
 */
export function countTests(report: string, ended: Ended, filtered: boolean = false): Tally {
  const { code, signal, output } = ended;
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g)]
    .map(([, name, body = ""]) => ({ name, body }));
  const suites = new Set(cases.flatMap(({ name }) => enclosing(name)));
  const broken = cases.filter(({ body }) => /<(failure|error)\b/.test(body));
  const explained = new Set(broken.flatMap(({ name }) => enclosing(name)));
  const sound = cases.filter((one) => !broken.includes(one) && !suites.has(one.name));
  const skipped = sound.filter(({ body }) => body.includes("<skipped")).length;
  const passed = sound.length - skipped;
  const unloaded = [...output.matchAll(/^Uncaught error from .* FAILED$/gm)].length;
  const problems: string[] = [];
  if (signal !== null) problems.push(`Deno died of ${signal}`);
  if (!filtered) {
    for (const [, file] of output.matchAll(/^running 0 tests from (.*)$/gm)) {
      problems.push(`${file} has no tests`);
    }
  }
  const failed = broken.filter(({ name }) => !explained.has(name)).length + unloaded;
  if (passed + failed + problems.length === 0) problems.push("no test has passed");
  const all = failed + problems.length;
  return { passed, failed: code === 0 ? all : Math.max(all, 1), skipped, problems };
}

/** The names of the suites around a test: "a &gt; b &gt; c" is in "a &gt; b" and "a". */
function enclosing(name: string): string[] {
  const parts = name.split(" &gt; ");
  return parts.slice(1).map((_, inner) => parts.slice(0, inner + 1).join(" &gt; "));
}

/** Flags that make imports resolve on this network, and keep what that adds out of deno.lock. */
async function resolution(dir: string): Promise<string[]> {
  const jsr = Object.values(config.imports).filter((target) => target.startsWith("jsr:"));
  if (await answers(jsr)) {
    await Deno.copyFile("deno.lock", `${dir}/deno.lock`);
    return [`--lock=${dir}/deno.lock`];
  }
  console.log("JSR does not answer: @std comes from npm, by tests/npm.import_map.json");
  return ["--no-lock", "--import-map=tests/npm.import_map.json"];
}

/** Whether these modules are in the cache or can be fetched now. */
async function answers(specifiers: readonly string[]): Promise<boolean> {
  const probe = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", "--quiet", ...specifiers],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(PROBE_MS),
  });
  return (await probe.output()).success;
}

/** Runs Deno, showing what it prints and keeping the standard output of it without colours. */
async function deno(args: readonly string[]): Promise<Ended> {
  const env: Record<string, string> = Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {};
  const own = [Deno.execPath(), ...args];
  const [command, ...given] = Deno.build.os === "windows" ? own : ["sh", "-c", START, ...own];
  const started = Date.now();
  const child = new Deno.Command(command, { args: given, env, stdout: "piped" }).spawn();
  let output = "";
  const text = new TextDecoder();
  for await (const chunk of child.stdout) {
    await writeAll(chunk);
    output += text.decode(chunk, { stream: true });
  }
  const { code, signal } = await child.status;
  if (signal !== null) await keepCore(child.pid, started);
  // deno-lint-ignore no-control-regex
  return { code, signal, output: output.replace(/\x1b\[[\d;]*m/g, "") };
}

/** Moves a core file out of the checkout and shows where the threads were. */
async function keepCore(pid: number, since: number): Promise<void> {
  for (const path of ["core", `core.${pid}`]) {
    const file = await Deno.stat(path).catch(() => undefined);
    if (!file?.isFile || Number(file.mtime) < since) continue;
    const kept = `${await Deno.makeTempDir({ prefix: "kernorm-core-" })}/core`;
    await Deno.copyFile(path, kept);
    await Deno.remove(path);
    console.log(`\nthe core file is ${kept}`);
    const trace = ["-batch", "-ex", "thread apply all backtrace 16", Deno.execPath(), kept];
    try {
      await new Deno.Command("gdb", { args: trace, stdin: "null", stderr: "null" }).spawn().status;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      console.log("there is no gdb to show where it crashed");
    }
  }
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
