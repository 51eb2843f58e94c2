/**
 * Writes the table of docs/accuracy.md: errors on off-centre data: `deno task accuracy`.
 *
 * @module
 */
import { createRuntime, type Runtime } from "../../mod.ts";
import { worst } from "../support/close.ts";
import { normCases } from "../numbers/norm_cases.ts";
import { randomTensor } from "../support/random.ts";

const MEANS = [0, 10, 100, 1000, 10000];
const PAGE = "docs/accuracy.md";
const START = "<!-- accuracy:start -->";
const END = "<!-- accuracy:end -->";

if (import.meta.main) {
  const runtimes: Runtime[] = [];
  for (const backend of ["cpu", "wasm", "webgpu"] as const) {
    await createRuntime({ backend }).then(
      (runtime) => runtimes.push(runtime),
      ({ message }) => console.log(message),
    );
  }
  const header = `| op | backend | ${MEANS.map((mean) => `mean ${mean}`).join(" | ")} |`;
  const lines = [header, header.replaceAll(/[^|]+/g, " --- ")];
  for (const [name, { run, oracle }] of Object.entries(normCases)) {
    for (const runtime of runtimes) {
      const cells: string[] = [];
      for (const mean of MEANS) {
        const x = randomTensor([4, 12, 13, 16], { seed: 171, mean, stddev: 0.01 });
        const y = await run(x, runtime);
        cells.push(worst(y.data, oracle(x)).by.toExponential(1));
      }
      lines.push(`| ${name} | ${runtime.backend} | ${cells.join(" | ")} |`);
      console.log(lines.at(-1));
    }
  }
  const page = await Deno.readTextFile(PAGE);
  const before = page.indexOf(START);
  const after = page.indexOf(END);
  if (before < 0 || after < before) {
    console.error(`Cannot write the table: ${PAGE} must hold ${START} and ${END}`);
    Deno.exit(1);
  }
  const table = `${START}\n\n${lines.join("\n")}\n\n`;
  await Deno.writeTextFile(PAGE, page.slice(0, before) + table + page.slice(after));
  const fmt = new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE] });
  Deno.exit((await fmt.output()).code);
}
