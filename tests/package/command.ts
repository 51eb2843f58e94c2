/**
 * Runs the commands of a tester and counts what they show.
 *
 * @module
 */

/** Counts of single checks. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** How a command ended. */
export interface Ended {
  readonly code: number;
  /** What it printed to its standard output. */
  readonly stdout: string;
  /** What it printed, on either stream. */
  readonly output: string;
}

/**
 * Runs a command.
 *
 * @param cwd Folder to run it in.
 * @param command The program and its arguments.
 * @param env Variables that it gets besides those of this process.
 */
export async function run(
  cwd: string | URL,
  [command, ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = new Deno.Command(command, {
    args,
    cwd,
    env: {
      NO_COLOR: "1",
      KERNORM_REQUIRE: Deno.env.get("KERNORM_REQUIRE") ?? "cpu,wasm",
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    let own = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      own += text;
      output += text;
    }
    return own;
  };
  const [stdout] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const { code } = await child.status;
  return { code, stdout, output };
}

/**
 * Runs a command that must succeed.
 *
 * @returns What it printed to its standard output.
 * @throws {Error} If it fails, with what it printed.
 */
export async function succeed(
  cwd: string | URL,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, output } = await run(cwd, command, env);
  if (code !== 0) {
    throw new Error(
      `${command.join(" ")} must succeed, got code ${code}:\n${output.slice(-20000)}`,
    );
  }
  return stdout;
}

/** One check by its name; it has failed if it throws. */
export type Check = readonly [name: string, run: () => unknown];

/** Runs checks one after the other and shows what failed. */
export async function countChecks(checks: Iterable<Check>): Promise<Counts> {
  let passed = 0;
  let failed = 0;
  for (const [name, check] of checks) {
    try {
      await check();
      passed++;
      console.error(`ok: ${name}`);
    } catch (error) {
      failed++;
      console.error(`FAILED: ${name}\n${error instanceof Error ? error.message : error}`);
    }
  }
  return { passed, failed };
}
