/**
 * What the first call of a program costs: import, `createRuntime` and one call, each time in a fresh
 * process. What counts is the processor's time, which is what a program that starts with others gets
 * less of.
 *
 * @module
 */
import { median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** A program in bench/fresh/, and the milliseconds that it may take. */
interface Program {
  readonly what: string;
  readonly file: string;
  readonly most?: number;
}

const PROGRAMS: readonly Program[] = [
  { what: "import, createRuntime, first gdn", file: "gdn.ts", most: 60 },
  {
    what: "import, createRuntime, first batchNorm training",
    file: "batch_norm.ts",
    most: 90,
  },
  { what: "import of everything, createRuntime, first gdn", file: "gdn_of_all.ts" },
];
/** Starts before the first that counts: they fill Deno's caches. */
const WARM_UP = 2;
const ROUNDS = 15;
/** Beyond this ratio of the median to the least something else was running. */
const STEADY = 1.25;

/** Milliseconds of each start. */
export interface FirstCall extends Program {
  readonly times: readonly number[];
}

/** Starts the programs in turn. */
export async function timeFirstCalls(rounds = ROUNDS): Promise<FirstCall[]> {
  const caches = await Promise.all(PROGRAMS.map(openCache));
  const times: number[][] = PROGRAMS.map(() => []);
  try {
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const [i, { file }] of PROGRAMS.entries()) {
        const time = await start(file, caches[i]);
        if (round >= 0) times[i].push(time);
      }
    }
  } finally {
    for (const cache of caches) await Deno.remove(cache, { recursive: true });
  }
  return PROGRAMS.map((program, i) => ({ ...program, times: times[i] }));
}

/** A verdict for each program that has a bar. */
export async function firstCalls(): Promise<Verdict[]> {
  console.error("first calls in fresh processes ...");
  const calls = await timeFirstCalls();
  return calls.flatMap(({ what, most, times }) =>
    most === undefined ? [] : [verdictOn(what, most, times)]
  );
}

/** A verdict on the times of a program. */
export function verdictOn(what: string, most: number, times: readonly number[]): Verdict {
  const middle = median(times);
  const least = Math.min(...times);
  return {
    what,
    bar: `<= ${most} ms`,
    measured: `${middle.toFixed(0)} ms, at the least ${least.toFixed(0)} ms`,
    outcome: middle > most && middle > STEADY * least ? "unsteady" : outcomeOf(middle <= most),
  };
}

/** `deno task bench first`: the same for all programs, as a table. */
export async function main(): Promise<void> {
  for (const { what, most, times } of await timeFirstCalls()) {
    const bar = most === undefined ? "" : `, bar ${most} ms`;
    const text = [median(times), Math.min(...times)].map((time) => time.toFixed(1));
    console.log(`${what}: median ${text[0]} ms, least ${text[1]} ms${bar}`);
  }
}

/** Runs a program in a process of its own and returns the time that it took. */
async function start(file: string, cache: string): Promise<number> {
  const child = new URL("fresh/child.ts", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--frozen", "--no-check", child.href, `./${file}`],
    env: { DENO_DIR: cache, NO_COLOR: "1" },
    cwd: new URL("../", import.meta.url),
  }).output();
  if (!success) throw new Error(`Cannot time ${file}: ${new TextDecoder().decode(stderr)}`);
  return Number(new TextDecoder().decode(stdout));
}

/**
 * A cache for Deno with nothing but the packages of npm. Deno keeps there what its engine has compiled
 * of each module in the first run, which is another part of it for each program.
 */
async function openCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config"],
  }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const folder = await Deno.makeTempDir({ prefix: "kernorm-" });
  await Deno.symlink(npmCache, `${folder}/npm`);
  return folder;
}
