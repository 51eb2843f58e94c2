import { git } from "../../bench/git.ts";
import type { Entry } from "../../bench/history.ts";
import { untracked, warningsOf } from "../../bench/untracked.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const entry = (revision: string) => ({ revision, against: "before", workload: "gdn" }) as Entry;

/** A repository with a commit for each subject; the task is given their hashes. */
async function withCommits(
  subjects: readonly string[],
  task: (hashes: readonly string[], folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "kernorm-untracked-" });
  const run = (...args: string[]) => git("test", args, folder);
  try {
    await run("init", "--quiet");
    const hashes: string[] = [];
    for (const subject of subjects) {
      const someone = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
      await run(...someone, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", subject);
      hashes.push(await run("rev-parse", "--short", "HEAD"));
    }
    await task(hashes, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("what has not been tracked", () => {
  it("is the newest perf commit, until a revision from there on has been measured", async () => {
    const subjects = ["perf: one", "perf(wasm): two", "fix: three", "performance of words"];
    await withCommits(subjects, async ([one, two, three], folder) => {
      const last = [`${two} perf(wasm): two`];
      assertEquals(await untracked([], folder), last);
      assertEquals(await untracked([entry(one), entry("0123456")], folder), last);
      assertEquals(await untracked([entry(two), entry(one)], folder), []);
      assertEquals(await untracked([entry(`${three}+`)], folder), []);
    });
  });

  it("is the newest release", async () => {
    await withCommits(["feat: one", "feat: two"], async ([one, two], folder) => {
      assertEquals(await untracked([], folder), []);
      await git("test", ["tag", "v1", one], folder);
      assertEquals(await untracked([], folder), [`${one} feat: one`]);
      assertEquals(await untracked([entry(two)], folder), []);
    });
  });

  it("is warned of, with what to call", () => {
    assertEquals(warningsOf(["abc perf: one"], [entry("x"), entry("y")]), [
      "warning: abc perf: one is in no comparison of bench/history.jsonl; on a quiet machine, call " +
      "`deno task bench track y` and commit the rows",
    ]);
    assertEquals(warningsOf([], []), []);
  });

  it("cannot be told without a repository", async () => {
    const folder = await Deno.makeTempDir();
    await assertRejects(
      () => untracked([], folder),
      Error,
      "Cannot look for what is not tracked: git log ",
    );
    await Deno.remove(folder);
  });
});
