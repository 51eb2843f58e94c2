/**
 * Runs test files of this repository in a browser: `deno task test:browser`.
 *
 * `--backends=webgl2,wasm` leaves the other backends out, `--filter=text` the tests without it in
 * their names, and `--each-backend` the files that do not test on each backend. `--chromium=path` is
 * another browser, `--gpu` has it draw with the machine's graphics card, and `--webgpu` turns WebGPU on.
 * `--minify` tests what a minifier makes of the library.
 * KERNORM_REQUIRE means what it does in Deno.
 *
 * @module
 */
import { chromium } from "playwright-core";
import type { Outcome } from "./bdd.ts";
import { portableTests } from "../tools/portable.ts";
import { slowest } from "../tools/slowest.ts";
import { bundleTests } from "./bundle.ts";
import type { Offered } from "./page.ts";
import { serve } from "./server.ts";

const SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** What tests on each backend import. */
const EACH_BACKEND = "tests/support/backends.ts";

interface Options {
  readonly files: readonly string[];
  readonly filter: string;
  readonly backends: string;
  readonly chromium: string;
  readonly flags: readonly string[];
  readonly verbose: boolean;
  readonly minify: boolean;
  readonly eachBackend: boolean;
}

if (import.meta.main) Deno.exit(await main(parse(Deno.args)));

function parse(args: readonly string[]): Options {
  const known = new Set([
    "filter",
    "backends",
    "each-backend",
    "chromium",
    "gpu",
    "webgpu",
    "verbose",
    "minify",
  ]);
  const values = new Map<string, string>();
  const files: string[] = [];
  for (const arg of args) {
    const [, name, value = ""] = arg.match(/^--([a-z0-9-]+)(?:=(.*))?$/) ?? [];
    if (name === undefined) files.push(arg);
    else if (known.has(name)) values.set(name, value);
    else throw new TypeError(`Cannot test: options must be known, got ${arg}`);
  }
  return {
    files,
    filter: values.get("filter") ?? "",
    backends: values.get("backends") ?? "",
    chromium: values.get("chromium") ?? "/usr/bin/chromium",
    flags: [
      "--headless=new",
      "--no-sandbox",
      "--js-flags=--expose-gc",
      ...values.has("gpu") ? [] : SOFTWARE,
      ...values.has("webgpu") ? ["--enable-unsafe-webgpu"] : [],
      ...values.has("webgpu") && !values.has("gpu") ? ["--use-webgpu-adapter=swiftshader"] : [],
    ],
    verbose: values.has("verbose"),
    minify: values.has("minify"),
    eachBackend: values.has("each-backend"),
  };
}

async function main(options: Options) {
  const { filter, backends, chromium: path, flags, verbose, minify } = options;
  const chosen = await filesOf(options);
  await using server = serve(await bundleTests(chosen, minify));
  const browser = await chromium.launch({ executablePath: path, args: [...flags] });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const times = new Map<string, number>();
  const tell = ({ name, status, error, milliseconds = 0 }: Outcome) => {
    counts[status]++;
    const [suite] = name.split(" > ");
    times.set(suite, (times.get(suite) ?? 0) + milliseconds);
    if (verbose || status === "failed") console.log(`${status}: ${name} (${milliseconds} ms)`);
    if (error !== undefined) console.log(error);
  };
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => tell({ name: "page", status: "failed", error: String(error) }));
    page.on("console", (message) => {
      if (verbose) console.log(`[page] ${message.text()}`);
    });
    await page.exposeFunction("report", tell);
    const query = new URLSearchParams({
      backends,
      require: Deno.env.get("KERNORM_REQUIRE") ?? "",
    });
    await page.goto(`${server.address}?${query}`);
    await page.waitForFunction(() => "runTests" in globalThis);
    await page.evaluate(
      (filter) => (globalThis as unknown as Offered).runTests(filter),
      filter,
    );
  } finally {
    await browser.close();
  }
  for (const line of slowest("suites", times)) console.log(line);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** The files that are named, or those that can run in a page. */
async function filesOf({ files, eachBackend }: Options): Promise<readonly string[]> {
  if (files.length > 0) return files;
  const portable = [...await portableTests()];
  return portable.filter(([, reached]) => !eachBackend || reached.has(EACH_BACKEND))
    .map(([file]) => file);
}
