/**
 * The playground as a user meets it: in a browser, by its labels, with a mouse or a keyboard.
 *
 * @module
 */
/// <reference lib="dom" />
import {
  batchNorm,
  createRuntime,
  gdn,
  type GdnOptions,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  type Runtime,
  tensor,
} from "../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { decode, encode } from "fast-png";
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "playwright-core";
import config from "../../deno.json" with { type: "json" };
import { CENTRE, CHANNELS, contrastParams, contrasts } from "../../examples/demo/patches.ts";
import { type Playground, serve } from "../../examples/playground/server.ts";
import {
  COLOUR_FILE,
  COLOUR_TENSOR,
  COLOURS,
  HEIGHT,
  joined,
  PlaygroundPage,
  thrice,
  tilesOf,
  WIDTH,
} from "./playground_page.ts";
import { required } from "../support/required.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** Milliseconds without a timer that would be a frozen page, even on a machine with much to do. */
const FROZEN = 500;

const SAMPLE = new URL("../../examples/sample.png", import.meta.url);

const absent = await Deno.stat(CHROMIUM).then(() => "", () => `: ${CHROMIUM} is not there`);
if (absent !== "" && required.includes("browser")) throw new Error(`Cannot test${absent}`);
const suite = absent === "" ? describe : describe.skip;

suite(`the playground${absent}`, () => {
  let server: Playground;
  let browser: Browser;
  let runtime: Runtime;
  let user: PlaygroundPage;
  let page: Page;

  before(async () => {
    [server, browser, runtime] = await Promise.all([
      serve(0),
      chromium.launch({ executablePath: CHROMIUM, args: FLAGS }),
      createRuntime({ backend: "cpu" }),
    ]);
  });
  after(async () => {
    await Promise.all([browser.close(), server[Symbol.asyncDispose](), runtime.dispose()]);
  });
  beforeEach(async () => {
    user = await PlaygroundPage.open(browser, server.address);
    ({ page } = user);
  });
  afterEach(async () => {
    await page.close();
    assertEquals(user.complaints, []);
  });

  /** What GDN makes of the sample, three values a point. */
  async function sampleBy(options: GdnOptions): Promise<number[]> {
    const { width, height, data } = decode(await Deno.readFile(SAMPLE));
    const x = contrasts({ width, height, data: Float32Array.from(data, (level) => level / 255) });
    const y = await gdn(x, contrastParams(), { ...options, runtime });
    return thrice(y.data.filter((_, i) => i % CHANNELS === CENTRE));
  }

  it("shows the sample at the start, and GDN of its contrasts", async () => {
    await user.result(/^GDN of a tensor of 1 × 240 × 320 × 25 on \w+/);
    const { data } = decode(await Deno.readFile(SAMPLE));
    assertEquals(await user.points("before"), thrice(data));
    await user.assertDrawn(await sampleBy({}));
    const names = ["before", "after"].map((side) =>
      page.locator(`#bars-${side}`).getAttribute("aria-label")
    );
    for (const name of await Promise.all(names)) {
      assert(/^Histogram from -[\d.]+ to [\d.]+: mean 0, deviation [\d.]+$/.test(name!), name!);
    }
    assert(await page.evaluate(() => crossOriginIsolated));
  });

  it("takes an image that is dropped, and normalises its colours", async () => {
    await user.show("Instance norm");
    await user.result(/^Instance norm of a tensor of 1 × 16 × 24 × 3/);
    assertEquals(await user.points("before"), [...COLOURS]);
    await user.assertDrawn((await instanceNorm(COLOUR_TENSOR, {}, { runtime })).data);
    assert((await page.locator("#explanation").innerText()).includes("Instance norm takes"));
  });

  it("takes an image that is picked, as tiles with channels first", async () => {
    await page.getByLabel("Image").setInputFiles({
      name: "colours.png",
      mimeType: "image/png",
      buffer: Buffer.from(COLOUR_FILE),
    });
    await page.getByLabel("Op", { exact: true }).selectOption("Group norm");
    await page.getByLabel("Data format").selectOption("NCHW");
    await page.getByLabel("Samples").selectOption("2 × 2 tiles");
    await page.getByLabel("Added to the variance").fill("0.01");
    await page.getByLabel("Picture as").selectOption("Red, green and blue");
    await user.result(/^Group norm of a tensor of 4 × 3 × 8 × 12/);
    const y = await Promise.all(
      tilesOf(COLOURS).map((tile) => groupNorm(tile, {}, { groups: 1, epsilon: 0.01, runtime })),
    );
    await user.assertDrawn(joined(y));
  });

  it("shares the batch's statistics among the tiles in batch norm", async () => {
    await user.show("Batch norm");
    await page.getByLabel("Samples").selectOption("2 × 2 tiles");
    await user.result(/^Batch norm of a tensor of 4 × 8 × 12 × 3/);
    const { y } = await batchNorm(COLOUR_TENSOR, {}, initBatchNorm(3).state, { runtime });
    await user.assertDrawn(y.data);
  });

  it("works with the keyboard", async () => {
    await user.result(/^GDN/);
    await page.getByLabel("Image").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await user.result(/^IGDN/);
    await user.assertDrawn(await sampleBy({ inverse: true }));
    const labels: string[] = [];
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press("Tab");
      labels.push(
        await page.evaluate(() =>
          (document.activeElement as HTMLInputElement).labels![0].textContent!
        ),
      );
    }
    assertEquals(labels, [
      "Picture as",
      "Data format",
      "Exponent of inputs, alpha",
      "Exponent of pool, epsilon",
      "Backend",
    ]);
  });

  it("says what is wrong, and goes on", async () => {
    const alert = page.getByRole("alert");
    await user.show("Group norm");
    await page.getByLabel("Groups").fill("2");
    await alert.filter({ hasText: "groups must divide the 3 channels of x, got 2" }).waitFor();
    await page.getByLabel("Groups").fill("");
    await alert.filter({ hasText: "groups" }).filter({ hasText: "NaN" }).waitFor();
    await page.getByLabel("Groups").fill("3");
    await user.result(/^Group norm/);
    await user.assertDrawn((await groupNorm(COLOUR_TENSOR, {}, { groups: 3, runtime })).data);

    await user.drop(new TextEncoder().encode("no image"), "image/png");
    await alert.filter({ hasText: "must be an image that the browser can show" }).waitFor();
    await user.drop(
      encode({ width: 3, height: 5, data: new Uint8Array(15), channels: 1 }),
      "image/png",
    );
    await page.getByLabel("Samples").selectOption("4 × 4 tiles");
    await alert.filter({ hasText: "at least 4 x 4 points for as many tiles, got 3 x 5" }).waitFor();
    await page.getByLabel("Samples").selectOption("The whole picture");
    await user.result(/^Group norm of a tensor of 1 × 5 × 3 × 3/);

    await page.getByLabel("Op", { exact: true }).selectOption("GDN");
    await page.getByLabel("Inverse afterwards").check();
    await page.getByLabel("alpha").fill("1");
    await alert.filter({ hasText: "fitted for alpha 2 and epsilon 0.5, got 1 and 0.5" }).waitFor();
    await page.getByLabel("alpha").fill("2");
    await user.result(/^GDN/);
  });

  it("races the backends, and says why one is not there", async () => {
    await user.show("Group norm");
    await page.getByRole("status").filter({ hasText: /fastest|has run/ }).waitFor();
    const rows = await page.locator("#race tbody tr").allInnerTexts();
    assertEquals(rows.map((row) => /^\w+/.exec(row)![0]), ["webgpu", "webgl2", "wasm", "cpu"]);
    for (const row of rows) {
      assert(
        /not here: .{10}|[\d.]+\sms\s+(?:median of \d|one call)\s+[\d.]+\s×.*[\d.e-]+$/s.test(row),
        row,
      );
    }
    assert(rows.slice(2).every((row) => /\d\sms/.test(row)), rows.join("\n"));
    for (const [i, name] of ["webgpu", "webgl2", "wasm", "cpu"].entries()) {
      const there = await page.locator(`#backend option[value=${name}]`).isEnabled();
      assertEquals(there, !rows[i].includes("not here"), name);
      if (!there) continue;
      await page.getByLabel("Backend", { exact: true }).selectOption(name);
      await user.result(new RegExp(` on ${name}\\b`));
    }
  });

  it("answers the newest settings, and never freezes", async () => {
    await page.addInitScript(() => {
      const seen = { results: 0, longest: 0, last: performance.now() };
      Object.assign(globalThis, {
        seen,
        Worker: class extends Worker {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            this.addEventListener(
              "message",
              ({ data }) => seen.results += +(data.kind === "result"),
            );
          }
        },
      });
      setInterval(() => {
        const now = performance.now();
        seen.longest = Math.max(seen.longest, now - seen.last);
        seen.last = now;
      }, 10);
    });
    await page.reload();
    await page.getByLabel("Picture as").selectOption("Red, green and blue");
    await page.getByLabel("Backend", { exact: true }).selectOption("cpu");
    await user.result(/^GDN of a tensor of 3 × .* on cpu/);
    await page.getByLabel("alpha").evaluate((element) => {
      for (let i = 0; i < 60; i++) {
        (element as HTMLInputElement).value = String(1 + i / 60);
        element.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    await user.show("Instance norm");
    await user.result(/^Instance norm of a tensor of 1 × 16 × 24 × 3 on cpu/);
    const { results, longest } = await page.evaluate(() =>
      (globalThis as unknown as { seen: { results: number; longest: number } }).seen
    );
    assert(results < 12, `${results} results for some 65 settings`);
    assert(longest < FROZEN, `the page stood still for ${longest} ms`);
  });

  it("does not wait for a worker that is held up", async () => {
    await page.addInitScript(() => {
      let hired = 0;
      Object.assign(globalThis, {
        Worker: class extends Worker {
          #number = hired++;
          #asked = 0;

          /** The first worker hears one request, and no more. */
          override postMessage(message: unknown): void {
            if (this.#number > 0 || this.#asked++ === 0) super.postMessage(message);
          }
        },
      });
    });
    await page.reload();
    await user.result(/^GDN/);
    await page.locator("#race tbody tr").first().waitFor();
    await user.show("Instance norm");
    await user.result(/^Instance norm of a tensor of 1 × 16 × 24 × 3/);
    await user.assertDrawn((await instanceNorm(COLOUR_TENSOR, {}, { runtime })).data);
  });

  it("takes layer norm over rows where the width comes last", async () => {
    await user.show("Layer norm");
    await page.getByLabel("Data format").selectOption("NCHW");
    await user.result(/^Layer norm of a tensor of 1 × 3 × 16 × 24/);
    const rows = (c: number) => Float32Array.from(COLOURS.filter((_, i) => i % 3 === c));
    const y = await Promise.all(
      [0, 1, 2].map((c) =>
        layerNorm(tensor(rows(c).map((level) => level / 255), [HEIGHT, WIDTH]), {}, { runtime })
      ),
    );
    await user.assertDrawn(Array.from(COLOURS, (_, i) => y[i % 3].data[Math.floor(i / 3)]));
  });

  it("fits a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("status").filter({ hasText: /fastest|has run/ }).waitFor();
    const [width, form, results] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.querySelector("form")!.getBoundingClientRect().bottom,
      document.querySelector("#results")!.getBoundingClientRect().top,
    ]);
    assertEquals(width, 390);
    assert(form <= results);
  });

  it("serves its files and nothing else", async () => {
    for (const [path, status] of [["", 200], ["worker.js", 200], ["server.ts", 404]] as const) {
      const response = await fetch(server.address + path);
      await response.body?.cancel();
      assertEquals(response.status, status);
      assertEquals(response.headers.get("cross-origin-opener-policy"), "same-origin");
      assertEquals(response.headers.get("cross-origin-embedder-policy"), "require-corp");
    }
  });

  it("is served by a command, which says what it cannot do", async () => {
    const usage = "Usage: deno task playground [--port=8000]\n";
    assertEquals(await command("--fast"), usage);
    assertEquals(await command("--port=65536"), usage);
    const { port } = new URL(server.address);
    const taken = await command(`--port=${port}`);
    assert(taken.startsWith(`Cannot listen on port ${port}: `), taken);
  });
});

/** What the command says as it fails, with the permissions of its task. */
async function command(argument: string): Promise<string> {
  const [, ...args] = config.tasks.playground.split(" ");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args.toSpliced(1, 0, "--no-lock"), argument],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 1);
  return new TextDecoder().decode(stderr);
}
