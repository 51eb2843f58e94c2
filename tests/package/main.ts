/**
 * `deno task test:package [types] [jsr] [node] [bun] [filter ...]`: the package as its users get it,
 * all four ways by default. It ends with the counts of all.
 *
 * - types: what TypeScript makes of the declarations, and Deno of the sources
 * - jsr: the package from a registry like JSR's, in Deno
 * - node: the tests that run anywhere, under Node (what `node` is on the path)
 * - bun: the same under Bun (from npm)
 *
 * Filters are parts of the names of test files, for node and bun.
 *
 * @module
 */
import type { Counts } from "./command.ts";
import { installPackage } from "./install.ts";
import { countJsr } from "./jsr.ts";
import { RUNNERS } from "./runners.ts";
import { COMPILERS, countTypes } from "./types.ts";

/** One way to get the package. */
interface Part {
  /** What npm installs beside the package; nothing if this part does without npm. */
  readonly tools?: Readonly<Record<string, string>>;
  /** Counts its checks in the folder where the package is installed, if it is. */
  count(dir: string, filters: readonly string[]): Promise<Counts>;
}

const PARTS: Readonly<Record<string, Part>> = {
  types: { tools: COMPILERS, count: countTypes },
  jsr: { count: countJsr },
  ...RUNNERS,
};

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const isPart = (name: string) => Object.hasOwn(PARTS, name);
  const chosen = args.some(isPart) ? args.filter(isPart) : Object.keys(PARTS);
  const filters = args.filter((name) => !isPart(name));
  const dir = await Deno.makeTempDir({ prefix: "kernorm-package-" });
  let passed = 0;
  let failed = 0;
  try {
    const tools = chosen.map((name) => PARTS[name].tools).filter((tools) => tools !== undefined);
    if (tools.length > 0) await installPackage(dir, Object.assign({}, ...tools));
    for (const name of chosen) {
      const counts = await PARTS[name].count(dir, filters);
      console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed`);
      passed += counts.passed;
      failed += counts.failed;
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
  console.log(`package: ${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
