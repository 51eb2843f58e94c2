/**
 * `deno task fuzz [plans|api]`: random programs, until the time is up or an answer is wrong.
 *
 * @module
 */
import type { Backend } from "../../mod.ts";
import { type CaseName, caseOf } from "./api/fuzz.ts";
import { fuzzApi } from "./api/main.ts";
import { fuzzPlans } from "./plans.ts";
import { optionsOf, refuse } from "../support/options.ts";

const HELP = `deno task fuzz plans   random plans through the tile compiler, against gpu.js
deno task fuzz api     all ops and options against float64

  --seconds=60     how long
  --seed=N         where to begin; printed, and by default the time
  --backend=wasm   api: where to run
  --cases=N        api: how many at most
  --structures=300 api: how many shapes and options of each op are drawn from
  --op=NAME        api: only ops whose names contain this
  --case=OP/S/SEED api: one case alone, as a failure names it
  --hard           api: outliers, bounds and exponents that are known to be hard as well
  --keep-going     api: count failures instead of stopping at the first`;

const { values, positionals } = optionsOf("fuzz", {
  args: Deno.args,
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    seed: { type: "string" },
    backend: { type: "string", default: "wasm" },
    cases: { type: "string" },
    structures: { type: "string", default: "300" },
    op: { type: "string", default: "" },
    case: { type: "string", default: "" },
    hard: { type: "boolean", default: false },
    "keep-going": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
}, HELP);
const [what = "plans"] = positionals;
if (values.help || positionals.length > 1 || !["plans", "api"].includes(what)) {
  console.log(HELP);
  Deno.exit(values.help ? 0 : 2);
}
const seed = numberOf("seed") ?? Date.now() % 2 ** 31;
const cases = numberOf("cases") ?? Infinity;
const seconds = numberOf("seconds") ?? (cases === Infinity ? 60 : Infinity);
if (what === "plans") await fuzzPlans(seed, seconds);
else {
  const failures = await fuzzApi({
    backend: values.backend as Backend,
    seconds,
    cases,
    seed,
    structures: numberOf("structures")!,
    hard: values.hard,
    op: values.op,
    only: only(),
    keepGoing: values["keep-going"],
  });
  if (failures > 0) Deno.exit(1);
}

function numberOf(name: "seconds" | "seed" | "cases" | "structures"): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= (name === "seed" ? 0 : 1)) return number;
  const rule = name === "seed" ? "an integer from 0" : "an integer from 1";
  return refuse("fuzz", `--${name} must be ${rule}, got ${text}`);
}

function only(): CaseName | undefined {
  try {
    return values.case === "" ? undefined : caseOf(values.case);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}
