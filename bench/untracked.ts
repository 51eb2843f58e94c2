/**
 * What should have been tracked and has not been: the newest commit of the kind `perf`, and the newest
 * release.
 *
 * @module
 */
import { CHECKOUT, git } from "./git.ts";
import type { Entry } from "./history.ts";

const ACTION = "look for what is not tracked";

/**
 * The commits that no revision of the history contains, in words.
 *
 * @param folder The checkout whose commits they are.
 */
export async function untracked(
  history: readonly Entry[],
  folder: string = CHECKOUT,
): Promise<string[]> {
  const found: string[] = [];
  const perf = await log(["-1", "-E", "--grep=^perf[(:!]"], folder);
  // Without a tag, git has nothing to describe.
  const release = await git(ACTION, ["describe", "--tags", "--abbrev=0"], folder).catch(() => "");
  const wanted = [perf, ...(release === "" ? [] : [await log(["-1", release], folder)])];
  for (const commit of wanted.filter((commit) => commit !== "")) {
    if (!await isTracked(commit.split(" ")[0], history, folder)) found.push(commit);
  }
  return [...new Set(found)];
}

/** A warning for each commit, and what to do. */
export function warningsOf(commits: readonly string[], history: readonly Entry[]): string[] {
  const latest = history.at(-1)?.revision ?? "<revision>";
  return commits.map((commit) =>
    `warning: ${commit} is in no comparison of bench/history.jsonl; on a quiet machine, call ` +
    `\`deno task bench track ${latest}\` and commit the rows`
  );
}

async function log(args: readonly string[], folder: string): Promise<string> {
  return await git(ACTION, ["log", "--format=%h %s", ...args], folder);
}

/** Whether a revision of the history is the commit, or came after it. */
async function isTracked(
  commit: string,
  history: readonly Entry[],
  folder: string,
): Promise<boolean> {
  // A plus says that there were changes that nobody had committed.
  const revisions = new Set(history.map(({ revision }) => revision.replace("+", "")));
  for (const revision of [...revisions].reverse()) {
    const contains = git(ACTION, ["merge-base", "--is-ancestor", commit, revision], folder);
    if (await contains.then(() => true, () => false)) return true;
  }
  return false;
}
