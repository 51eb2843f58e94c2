/**
 * `deno task mutate [filter ...] [--count=40] [--seed=1] [--jobs=2] [--webgpu] [--list]`: changes the
 * library's own files in small ways, one at a time and in copies of the checkout, and tells which
 * changes no test noticed. A filter is a part of a path, or of a path with a line:
 * `ops/gdn/call.ts:57`; one of several has to match. With `--webgpu` tests run on a graphics card, too.
 *
 * @module
 */
import { optionsOf, refuse } from "../support/options.ts";
import { random } from "../support/random.ts";
import { Copy, type Verdict } from "./copy.ts";
import { mutated, type Mutation, mutationsOf } from "./mutations.ts";
import { tableOf } from "./table.ts";
import { isMutable } from "./tests.ts";

/** A mutation and where it is. */
export interface Candidate extends Mutation {
  readonly file: string;
}

const ROOT = new URL("../../", import.meta.url);
const USAGE =
  "deno task mutate [filter ...] [--count=40] [--seed=1] [--jobs=2] [--webgpu] [--list]";

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  const { count, seed, jobs, webgpu, list, filters } = settings(args);
  const files = await checkedOut();
  const candidates = await candidatesIn(files.filter(isMutable));
  const matching = candidates.filter(({ file, line }) =>
    filters.length === 0 || filters.some((filter) => `${file}:${line}:`.includes(filter))
  );
  if (matching.length === 0) fail(`a file must match, got ${filters.join(" ")}`);
  const chosen = drawn(matching, count, seed);
  console.error(`${chosen.length} of ${matching.length} mutations, seed ${seed}`);
  if (list) {
    for (const { file, line, what } of chosen) console.log(`${file}:${line} ${what}`);
    return;
  }
  const results = await judged(chosen, files, jobs, webgpu);
  console.log(tableOf(results));
}

/** Judges mutants, several at a time; tells of each as it is done. */
async function judged(
  chosen: readonly Candidate[],
  files: readonly string[],
  jobs: number,
  webgpu: boolean,
) {
  const results: (Candidate & { verdict: Verdict })[] = [];
  const waiting = [...chosen];
  await Promise.all(Array.from({ length: Math.min(jobs, chosen.length) }, async () => {
    await using copy = await Copy.of(ROOT, files, webgpu);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const mutation = next;
      const start = performance.now();
      const verdict = await copy.judge(next.file, (source) => mutated(source, mutation));
      results.push({ ...next, verdict });
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      const place = `${next.file}:${next.line} ${next.what}`;
      console.error(`${results.length}/${chosen.length} ${verdict} (${seconds} s): ${place}`);
    }
  }));
  return results;
}

/** Some of a list, drawn by a seed, in the list's order. */
export function drawn<T>(list: readonly T[], count: number, seed: number): T[] {
  const next = random(seed);
  const keyed = list.map((item, index) => ({ item, index, key: next() }));
  const chosen = keyed.sort((a, b) => a.key - b.key).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ item }) => item);
}

async function candidatesIn(files: readonly string[]): Promise<Candidate[]> {
  const all: Candidate[] = [];
  for (const file of [...files].sort()) {
    const source = await Deno.readTextFile(new URL(file, ROOT));
    all.push(...mutationsOf(source).map((mutation) => ({ file, ...mutation })));
  }
  return all;
}

/** The files of the checkout as they are now, also those that are not committed yet. */
async function checkedOut(): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { success, stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
  if (!success) fail("the files must be in a git checkout, got none");
  const names = new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "");
  const there = await Promise.all(
    names.map((name) => Deno.lstat(new URL(name, ROOT)).then(({ isFile }) => isFile, () => false)),
  );
  return names.filter((_, i) => there[i]);
}

function settings(args: readonly string[]) {
  const text = (initial: string) => ({ type: "string", default: initial }) as const;
  const { values, positionals } = optionsOf("mutate", {
    args: args[0] === "--" ? args.slice(1) : [...args],
    options: {
      count: text("40"),
      seed: text("1"),
      jobs: text("2"),
      webgpu: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
    allowPositionals: true,
  }, USAGE);
  const whole = (name: "count" | "seed" | "jobs", most = Infinity) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    const rule = most === Infinity ? "an integer >= 1" : `an integer from 1 to ${most}`;
    return fail(`${name} must be ${rule}, got ${values[name]}`);
  };
  return {
    count: whole("count"),
    seed: whole("seed"),
    jobs: whole("jobs", 2),
    webgpu: values.webgpu,
    list: values.list,
    filters: positionals,
  };
}

function fail(message: string): never {
  return refuse("mutate", message, USAGE);
}
