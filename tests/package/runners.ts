/**
 * The tests that run anywhere, under Node and Bun.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { buildTests } from "./build.ts";
import { type Counts, run } from "./command.ts";

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
  readonly counts: (output: string) => Counts;
}

const NODE: Runner = {
  commands: (
    files,
  ) => [["node", "--test", "--test-concurrency=1", "--test-reporter=tap", ...files]],
  counts: (output) => ({
    passed: Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0),
    failed: Number(/^# fail (\d+)$/m.exec(output)?.[1] ?? 1),
  }),
};

const BUN_RUNNER: Runner = {
  // All files of one command share their modules, and with them what the first has disposed of.
  commands: (files) =>
    files.map((file) => ["npx", "--no", "bun", "test", "--timeout=120000", `./${file}`]),
  counts: (output) => ({
    passed: Number(/^\s*(\d+) pass$/m.exec(output)?.[1] ?? 0),
    failed: Number(/^\s*(\d+) fail$/m.exec(output)?.[1] ?? 1),
  }),
};

/** The parts of `test:package` that run tests. */
export const RUNNERS = {
  node: {
    tools: TOOLS,
    count: (dir: string, filters: readonly string[]) => countTests(NODE, dir, filters),
  },
  bun: {
    tools: { ...TOOLS, bun: BUN },
    count: async (dir: string, filters: readonly string[]) => {
      // Bun takes TypeScript as it is.
      const program = await run(dir, ["npx", "--no", "bun", "consumer/values.ts"]);
      const used = program.code === 0 && program.output.includes("every function was used");
      if (!used) console.error(program.output);
      const { passed, failed } = await countTests(BUN_RUNNER, dir, filters);
      return { passed: passed + (used ? 1 : 0), failed: failed + (used ? 0 : 1) };
    },
  },
};

async function countTests(
  { commands, counts }: Runner,
  dir: string,
  filters: readonly string[],
): Promise<Counts> {
  const files = (await buildTests(`${dir}/tests`)).filter((file) =>
    filters.every((filter) => file.includes(filter))
  );
  // Without a name, Node would run whatever it finds.
  if (files.length === 0) {
    throw new Error(`Cannot run tests: a file must match all filters, got ${filters.join(", ")}`);
  }
  console.error(`running ${files.length} files of tests ...`);
  let passed = 0;
  let failed = 0;
  for (const command of commands(files.map((file) => `tests/${file}`))) {
    const { code, output } = await run(dir, command);
    if (code !== 0) console.error(output.slice(-20000));
    const counted = counts(output);
    passed += counted.passed;
    // A process that ends badly has failed, whatever it counted.
    failed += Math.max(counted.failed, code === 0 ? 0 : 1);
  }
  return { passed, failed };
}
