/**
 * `deno task explain FILE`: runs a script, and every plan that it runs on two more backends, with the same
 * inputs and with the values of all launches.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Backend, BACKENDS, type Executor } from "../../ops/runtime/executor.ts";
import { createExecutor } from "../../ops/runtime/select.ts";
import { optionsOf, refuse } from "../support/options.ts";
import { counted, planText } from "./plan_text.ts";
import { isDifferent, Replay, type Replayed } from "./replay.ts";
import { verdictLines } from "./report.ts";
import { type Run, watchRuns } from "./watch.ts";

/** What is done, for messages. */
const ACTION = "explain";

const HELP = `deno task explain FILE   runs a script, and each of its plans on two backends

  --backends=wasm,cpu   which; the script itself runs where it likes
  --tolerance=1e-5      how far numbers may be apart, in units of the largest of a launch

Prints each plan when it first runs, and the first launch whose values differ. Ends with 1 if one does.`;

const { values, positionals } = optionsOf(ACTION, {
  args: Deno.args,
  allowPositionals: true,
  options: {
    backends: { type: "string", default: "wasm,cpu" },
    tolerance: { type: "string", default: "1e-5" },
    help: { type: "boolean", default: false },
  },
}, HELP);
if (values.help) {
  console.log(HELP);
  Deno.exit(0);
}
if (positionals.length !== 1) {
  refuse(ACTION, `FILE must be one script, got ${positionals.length}`, HELP);
}
// The task runs in the checkout, and was called from elsewhere.
const file = resolve(Deno.env.get("INIT_CWD") ?? ".", positionals[0]);
if (!existsSync(file)) refuse(ACTION, `FILE must be a script, got ${file}, which is not there`);
const tolerance = Number(values.tolerance);
if (!(tolerance >= 0)) {
  refuse(ACTION, `--tolerance must be a number >= 0, got ${values.tolerance}`);
}
const names = values.backends.split(",") as Backend[];
if (names.length !== 2 || names[0] === names[1] || !names.every((one) => BACKENDS.includes(one))) {
  refuse(ACTION, `--backends must be two of ${BACKENDS.join(", ")}, got ${values.backends}`);
}
const replay = new Replay([await open(names[0]), await open(names[1])], tolerance);

/** The plans that have run, and whether their backends have differed. */
const plans = new Map<string, { readonly number: number; differs: boolean }>();
let runs = 0;
let failures = 0;
/** Whether the script has ended with an error of its own, which Deno prints. */
let failed = false;

watchRuns((run) => {
  runs++;
  const { key } = run.program;
  let plan = plans.get(key);
  const isNew = plan === undefined;
  if (plan === undefined) {
    plan = { number: plans.size + 1, differs: false };
    plans.set(key, plan);
  }
  const known = plan;
  const begin = () => {
    if (isNew) console.log(`plan ${known.number}: ${planText(run.program).join("\n")}`);
  };
  const finish = (replayed: Replayed) => {
    const differs = isDifferent(replayed);
    // After the first difference of a plan there is nothing new in those of its other runs.
    if (differs ? known.differs : !isNew) return;
    known.differs = differs;
    if (differs) Deno.exitCode = 1;
    const where = isNew ? "" : `plan ${known.number}, run ${runs}: `;
    const lines = verdictLines(run.program, replayed, names, tolerance);
    console.log(`${where}${lines.join("\n")}\n`);
  };
  return compared(run, begin, finish);
});

/** Runs a plan on both backends; what fails there is told, and does not stop the script. */
function compared(
  run: Run,
  begin: () => void,
  finish: (replayed: Replayed) => void,
): void | Promise<void> {
  const fail = (error: unknown) => {
    failures++;
    Deno.exitCode = 1;
    console.log(`Cannot run the plan on both: ${(error as Error).message}\n`);
  };
  try {
    begin();
    const replayed = replay.run(run);
    if (!(replayed instanceof Promise)) finish(replayed);
    else return replayed.then(finish).catch(fail);
  } catch (error) {
    fail(error);
  }
}

globalThis.addEventListener("unload", () => {
  if (plans.size === 0 && !failed) {
    console.error(
      `Cannot explain: ${file} must run ops of this checkout, imported as "@kernorm/kernorm", got none`,
    );
    Deno.exitCode = 1;
  }
  if (plans.size === 0) return;
  const differing = [...plans.values()].filter(({ differs }) => differs);
  const verdict = differing.length > 0
    ? `${names.join(" and ")} differ in ${
      differing.map(({ number }) => `plan ${number}`).join(", ")
    }`
    : failures > 0
    ? `${counted(failures, "run")} failed`
    : `${names.join(" and ")} agree within ${tolerance}`;
  console.log(`${counted(plans.size, "plan")}, ${counted(runs, "run")}: ${verdict}`);
});

try {
  await import(pathToFileURL(file).href);
} catch (error) {
  failed = true;
  throw error;
}

async function open(backend: Backend): Promise<Executor> {
  try {
    return await createExecutor(backend);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}
