/**
 * `deno task test:package [node|bun]`: the package as npm clients get it, and the tests that run
 * anywhere, under Node (what `node` is on the path) or Bun (from npm).
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { buildPackage, buildTests } from "./build.ts";

const BUN = "1.4.5";
/** What the tests need besides the package. */
const TOOLS = {
  "deno-std": "1.4.0",
  "fast-check": config.imports["fast-check"].replace("npm:fast-check@", ""),
};

/** How a runtime runs tests, and how it counts them. */
interface Runner {
  /** The commands, one after the other. */
  readonly commands: (files: readonly string[]) => readonly (readonly string[])[];
  readonly counts: (output: string) => { readonly passed: number; readonly failed: number };
  readonly tools: Readonly<Record<string, string>>;
}

const RUNNERS: Readonly<Record<string, Runner>> = {
  node: {
    commands: (
      files,
    ) => [["node", "--test", "--test-concurrency=1", "--test-reporter=tap", ...files]],
    counts: (output) => ({
      passed: Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0),
      failed: Number(/^# fail (\d+)$/m.exec(output)?.[1] ?? 1),
    }),
    tools: {},
  },
  bun: {
    // All files of one command share their modules, and with them what the first has disposed of.
    commands: (files) =>
      files.map((file) => ["npx", "--no", "bun", "test", "--timeout=120000", `./${file}`]),
    counts: (output) => ({
      passed: Number(/^\s*(\d+) pass$/m.exec(output)?.[1] ?? 0),
      failed: Number(/^\s*(\d+) fail$/m.exec(output)?.[1] ?? 1),
    }),
    tools: { bun: BUN },
  },
};

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main([name = "node", ...filters]: readonly string[]): Promise<number> {
  if (!Object.hasOwn(RUNNERS, name)) {
    console.error(`Cannot test the package: the runtime must be node or bun, got ${name}`);
    return 2;
  }
  const { commands, counts, tools } = RUNNERS[name];
  const dir = await Deno.makeTempDir({ prefix: "kernorm-package-" });
  try {
    console.error(`building the package and its tests ...`);
    await buildPackage(`${dir}/package`);
    const files = (await buildTests(`${dir}/tests`)).filter((file) =>
      filters.every((filter) => file.includes(filter))
    );
    const manifest = {
      type: "module",
      imports: { "#tests/*": "./tests/*" },
      dependencies: { ...TOOLS, ...tools, [config.name]: "file:./package" },
    };
    await Deno.writeTextFile(`${dir}/package.json`, JSON.stringify(manifest, null, 2));
    console.error("installing it ...");
    const install = [
      "npm",
      "install",
      "--install-links",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const installed = await run(dir, install, false);
    if (installed.code !== 0) throw new Error(`Cannot install the package: ${installed.output}`);
    console.error(`running ${files.length} files of tests under ${name} ...`);
    let [passed, failed] = [0, 0];
    for (const command of commands(files.map((file) => `tests/${file}`))) {
      const { code, output } = await run(dir, command, true);
      const counted = counts(output);
      passed += counted.passed;
      // A process that ends badly has failed, whatever it counted.
      failed += Math.max(counted.failed, code === 0 ? 0 : 1);
    }
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Runs a command; shows the lines that tell of failures as they come, if asked to. */
async function run(
  cwd: string,
  [command, ...args]: readonly string[],
  shown: boolean,
): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1", KERNORM_REQUIRE: Deno.env.get("KERNORM_REQUIRE") ?? "cpu,wasm" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  await Promise.all([read(child.stdout), read(child.stderr)]);
  const { code } = await child.status;
  if (shown && code !== 0) console.error(output.slice(-20000));
  return { code, output };
}
