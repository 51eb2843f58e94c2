/**
 * `deno task test` and `check`: Deno's own commands over the whole project, with the npm
 * import map in place of JSR where JSR does not answer. `test` ends with the count of single tests.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** How a test run went, in single tests. */
export interface Tally {
  readonly passed: number;
  /** Failed tests, hooks that failed a suite, and modules that did not load or type-check. */
  readonly failed: number;
  readonly skipped: number;
}

interface Ended {
  readonly code: number;
  /** What ended the process, if it did not end by itself. */
  readonly signal: Deno.Signal | null;
  readonly output: string;
}

const PROBE_MS = 5000;

/** The commands, each with what it always gets. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  test: ["-A", "--doc"],
  check: [],
};

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
    const late = diedAfterPassing(ended);
    if (late) console.log(`Deno died of ${ended.signal} as it ended, after all tests had passed`);
    const code = late ? 0 : ended.code;
    const { passed, failed, skipped } = countTests(await readIfThere(path), code, ended.output);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return code;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/**
 * Whether a run had told that every test passed, and died of a signal only then. On
 * machines with Mesa's software Vulkan driver a run that has used webgpu now and then ends so, with the
 * C library reporting a corrupted heap.
 *
 * @param ended How the process ended, and what it printed, without colours.
 * @returns `false` also for a process that died before its closing line, or ended by itself.
 */
export function diedAfterPassing({ signal, output }: Omit<Ended, "code">): boolean {
  return signal !== null && /^ok \| \d+ passed.* \| 0 failed/m.test(output);
}

/**
 * Counts single tests in Deno's JUnit report, which lists suites beside the tests in them.
 *
 * A failed suite counts where no test in it says why: its hook failed. A module that throws while it
 * loads is in the output only, and one that does not type-check shows in nothing but the exit code.
 * A test is taken for a suite if a sibling's name goes on from its own with " > ".
 *
 * @param report Text of the report; empty where Deno wrote none.
 * @param code Deno's exit code.
 * @param output What it printed, without colours.
 * @returns The counts; `failed` is at least 1 if and only if the code is not 0.
 */
export function countTests(report: string, code: number, output: string = ""): Tally {
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g)]
    .map(([, name, body = ""]) => ({ name, body }));
  const suites = new Set(cases.flatMap(({ name }) => enclosing(name)));
  const broken = cases.filter(({ body }) => /<(failure|error)\b/.test(body));
  const explained = new Set(broken.flatMap(({ name }) => enclosing(name)));
  const sound = cases.filter((one) => !broken.includes(one) && !suites.has(one.name));
  const skipped = sound.filter(({ body }) => body.includes("<skipped")).length;
  const unloaded = [...output.matchAll(/^Uncaught error from .* FAILED$/gm)].length;
  const failed = broken.filter(({ name }) => !explained.has(name)).length + unloaded;
  return {
    passed: sound.length - skipped,
    failed: code === 0 ? 0 : Math.max(failed, 1),
    skipped,
  };
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
  const child = new Deno.Command(Deno.execPath(), { args: [...args], env, stdout: "piped" })
    .spawn();
  let output = "";
  const text = new TextDecoder();
  for await (const chunk of child.stdout) {
    await writeAll(chunk);
    output += text.decode(chunk, { stream: true });
  }
  const { code, signal } = await child.status;
  // deno-lint-ignore no-control-regex
  return { code, signal, output: output.replace(/\x1b\[[\d;]*m/g, "") };
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
