/**
 * A copy of the checkout in which one mutant after the other lives.
 *
 * @module
 */
import { isTemplate, testsOf } from "./tests.ts";

/** How the tests of a mutant ended. */
export type Verdict = "killed" | "killed by time" | "killed by the generator" | "survived";

/** Seconds that tests may take in any case, and how much longer than unchanged they may. */
const LEAST_SECONDS = 20;
const PATIENCE = 4;
/** How long tests may take on an unchanged copy. */
const MOST_MS = 600_000;

/** Without `--webgpu` no graphics card is there: it says nothing about most files, and is slow. */
const WITHOUT_WEBGPU = {
  env: { KERNORM_REQUIRE: "cpu,wasm" },
  flags: ["--preload=tests/mutate/no_webgpu.ts"],
};
const WITH_WEBGPU = { env: { KERNORM_REQUIRE: "cpu,wasm,webgpu" }, flags: ["--unstable-webgpu"] };

/** How long tests take that pass on an unchanged copy, by their names, in milliseconds. */
const unchanged = new Map<string, Promise<number>>();

/** A folder of its own with all files of the checkout. */
export class Copy implements AsyncDisposable {
  readonly #dir: string;
  readonly #device: typeof WITH_WEBGPU;

  private constructor(dir: string, webgpu: boolean) {
    this.#dir = dir;
    this.#device = webgpu ? WITH_WEBGPU : WITHOUT_WEBGPU;
  }

  /** Copies files, named from `root`; with `webgpu` their tests need that backend, too. */
  static async of(root: URL, files: readonly string[], webgpu: boolean): Promise<Copy> {
    const dir = await Deno.makeTempDir({ prefix: "kernorm-mutate-" });
    for (const file of files) {
      const to = `${dir}/${file}`;
      await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(new URL(file, root), to);
    }
    return new Copy(dir, webgpu);
  }

  /** Changes a file, runs its tests, and undoes the change. */
  async judge(file: string, change: (source: string) => string): Promise<Verdict> {
    const tests = testsOf(file);
    const limit = LEAST_SECONDS * 1000 + PATIENCE * await this.#passing(tests);
    const path = `${this.#dir}/${file}`;
    const original = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, change(original));
    try {
      if (isTemplate(file) && await this.#generate(limit) !== "passed") {
        return "killed by the generator";
      }
      const ended = await this.#test(tests, limit);
      return ended === "passed" ? "survived" : ended === "late" ? "killed by time" : "killed";
    } finally {
      await Deno.writeTextFile(path, original);
      if (isTemplate(file)) await this.#generate(limit);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }

  /** How long tests take on an unchanged copy: this one, unless they have run on another. */
  #passing(tests: readonly string[]): Promise<number> {
    const key = tests.join(" ");
    let took = unchanged.get(key);
    if (took === undefined) unchanged.set(key, took = this.#timed(tests));
    return took;
  }

  /** @throws {Error} If they fail: then they say nothing about mutants. */
  async #timed(tests: readonly string[]): Promise<number> {
    const start = performance.now();
    if (await this.#test(tests, MOST_MS) !== "passed") {
      throw new Error(`Cannot mutate: ${tests.join(" ")} must pass before a change, got failures`);
    }
    return performance.now() - start;
  }

  #generate(limit: number): Promise<Ended> {
    return this.#deno(["run", "-A", "--no-check", "--no-lock", MAP, "codegen/main.ts"], limit);
  }

  #test(tests: readonly string[], limit: number): Promise<Ended> {
    const flags = ["-A", "--no-check", "--no-lock", MAP, "--quiet", "--fail-fast"];
    return this.#deno(["test", ...flags, ...this.#device.flags, ...tests], limit);
  }

  async #deno(args: readonly string[], limit: number): Promise<Ended> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.#dir,
      env: { ...this.#device.env, KERNORM_FAIL_FAST: "1", NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limit);
    const { success } = await child.status;
    clearTimeout(timer);
    return late ? "late" : success ? "passed" : "failed";
  }
}

type Ended = "passed" | "failed" | "late";

const MAP = "--import-map=tests/npm.import_map.json";
