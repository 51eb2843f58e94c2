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
  groupNorm,
  initBatchNorm,
  instanceNorm,
  type Runtime,
  type Tensor,
  tensor,
} from "../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { decode, encode } from "fast-png";
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "playwright-core";
import { CENTRE, CHANNELS, contrastParams, contrasts } from "../examples/demo/patches.ts";
import { type Playground, serve } from "../examples/playground/server.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** Backends differ by 1e-6, which can turn the rounding of a grey level of 255. */
const LEVELS = 1;

/** Milliseconds without a timer that would be a frozen page, even on a machine with much to do. */
const FROZEN = 500;

const SAMPLE = new URL("../examples/sample.png", import.meta.url);

/** Colours that vary from point to point, 24 wide and 16 high. */
const [WIDTH, HEIGHT] = [24, 16];
const COLOURS = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, i) => (i * i * 7 + i * 31) % 200 + 20 * (i % 3),
);
const COLOUR_FILE = encode({
  width: WIDTH,
  height: HEIGHT,
  data: COLOURS,
  channels: 3,
  depth: 8,
});

const absent = await Deno.stat(CHROMIUM).then(() => "", () => `: ${CHROMIUM} is not there`);
const suite = absent === "" ? describe : describe.skip;

suite(`the playground${absent}`, () => {
  let server: Playground;
  let browser: Browser;
  let runtime: Runtime;
  let page: Page;
  const complaints: string[] = [];

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
    complaints.length = 0;
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(server.address);
  });
  afterEach(async () => {
    await page.close();
    assertEquals(complaints, []);
  });

  /** Waits until the status says this, and the page is done with it. */
  async function result(status: RegExp): Promise<void> {
    await page.locator("#results[aria-busy=false] #status").filter({ hasText: status }).waitFor();
    assertEquals(await page.getByRole("alert").count(), 0);
  }

  function points(canvas: "before" | "after"): Promise<number[]> {
    return page.getByRole("img", { name: `The picture ${canvas}` }).evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const context = (element as HTMLCanvasElement).getContext("2d")!;
      return [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 < 3);
    });
  }

  /** Compares the picture after with values, three a point. */
  async function assertDrawn(values: ArrayLike<number>): Promise<void> {
    const all = Array.from(values);
    const unit = Math.hypot(...all) / Math.sqrt(all.length);
    const drawn = await points("after");
    assertEquals(drawn.length, all.length);
    const far = drawn.findIndex((level, i) =>
      !(Math.abs(level - 255 * clamped(0.5 + all[i] / (4 * unit))) <= LEVELS)
    );
    assertEquals(far, -1, `level ${drawn[far]} for ${all[far]} of unit ${unit}`);
  }

  async function drop(file: Uint8Array, type: string): Promise<void> {
    const data = await page.evaluateHandle(({ bytes, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], "dropped", { type }));
      return transfer;
    }, { bytes: [...file], type });
    await page.dispatchEvent("body", "drop", { dataTransfer: data });
  }

  /** Chooses colours and an op for the picture that varies. */
  async function show(op: string): Promise<void> {
    await drop(COLOUR_FILE, "image/png");
    await page.getByLabel("Op", { exact: true }).selectOption(op);
    await page.getByLabel("Picture as").selectOption("Red, green and blue");
  }

  it("shows the sample at the start, and GDN of its contrasts", async () => {
    await result(/^GDN of a tensor of 1 × 192 × 192 × 25 on \w+/);
    const { width, height, data } = decode(await Deno.readFile(SAMPLE));
    assertEquals(await points("before"), thrice(data));
    const grey = Float32Array.from(data, (level) => level / 255);
    const { data: y } = await gdn(contrasts({ width, height, data: grey }), contrastParams(), {
      runtime,
    });
    await assertDrawn(thrice(Array.from(grey, (_, i) => y[i * CHANNELS + CENTRE])));
    const names = ["before", "after"].map((side) =>
      page.locator(`#bars-${side}`).getAttribute("aria-label")
    );
    for (const name of await Promise.all(names)) {
      assert(/^Histogram from -[\d.]+ to [\d.]+: mean 0, deviation [\d.]+$/.test(name!), name!);
    }
    assert(await page.evaluate(() => crossOriginIsolated));
  });

  it("takes an image that is dropped, and normalises its colours", async () => {
    await show("Instance norm");
    await result(/^Instance norm of a tensor of 1 × 16 × 24 × 3/);
    assertEquals(await points("before"), [...COLOURS]);
    const x = tensor(Float32Array.from(COLOURS, (c) => c / 255), [1, HEIGHT, WIDTH, 3]);
    await assertDrawn((await instanceNorm(x, {}, { runtime })).data);
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
    await result(/^Group norm of a tensor of 4 × 3 × 8 × 12/);
    const y = await Promise.all(
      tilesOf(COLOURS).map((tile) => groupNorm(tile, {}, { groups: 1, epsilon: 0.01, runtime })),
    );
    await assertDrawn(joined(y));
  });

  it("shares the batch's statistics among the tiles in batch norm", async () => {
    await show("Batch norm");
    await page.getByLabel("Samples").selectOption("2 × 2 tiles");
    await result(/^Batch norm of a tensor of 4 × 8 × 12 × 3/);
    const x = tensor(Float32Array.from(COLOURS, (c) => c / 255), [1, HEIGHT, WIDTH, 3]);
    const { y } = await batchNorm(x, {}, initBatchNorm(3).state, { runtime });
    await assertDrawn(y.data);
  });

  it("works with the keyboard", async () => {
    await result(/^GDN/);
    await page.getByLabel("Image").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await result(/^IGDN/);
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
    await show("Group norm");
    await page.getByLabel("Groups").fill("2");
    await alert.filter({ hasText: "groups must divide the 3 channels of x, got 2" }).waitFor();
    await page.getByLabel("Groups").fill("");
    await alert.filter({ hasText: "groups" }).filter({ hasText: "NaN" }).waitFor();
    await page.getByLabel("Groups").fill("3");
    await result(/^Group norm/);
    const x = tensor(Float32Array.from(COLOURS, (c) => c / 255), [1, HEIGHT, WIDTH, 3]);
    await assertDrawn((await groupNorm(x, {}, { groups: 3, runtime })).data);

    await drop(new TextEncoder().encode("no image"), "image/png");
    await alert.filter({ hasText: "must be an image that the browser can show" }).waitFor();
    await drop(encode({ width: 3, height: 5, data: new Uint8Array(15), channels: 1 }), "image/png");
    await page.getByLabel("Samples").selectOption("4 × 4 tiles");
    await alert.filter({ hasText: "at least 4 x 4 points for as many tiles, got 3 x 5" }).waitFor();
    await page.getByLabel("Samples").selectOption("The whole picture");
    await result(/^Group norm of a tensor of 1 × 5 × 3 × 3/);

    await page.getByLabel("Op", { exact: true }).selectOption("GDN");
    await page.getByLabel("Inverse afterwards").check();
    await page.getByLabel("alpha").fill("1");
    await alert.filter({ hasText: "fitted for alpha 2 and epsilon 0.5, got 1 and 0.5" }).waitFor();
    await page.getByLabel("alpha").fill("2");
    await result(/^GDN/);
  });

  it("races the backends, and says why one is not there", async () => {
    await show("Group norm");
    await page.getByRole("status").filter({ hasText: /fastest|has run/ }).waitFor();
    const rows = await page.locator("#race tbody tr").allInnerTexts();
    assertEquals(rows.map((row) => /^\w+/.exec(row)![0]), ["webgpu", "webgl2", "wasm", "cpu"]);
    for (const row of rows) {
      assert(/not here: .{10}|[\d.]+ ms\s+median of \d\s+[\d.]+ ×.*[\d.e-]+$/s.test(row), row);
    }
    assert(rows.slice(2).every((row) => row.includes(" ms")), rows.join("\n"));
    for (const [i, name] of ["webgpu", "webgl2", "wasm", "cpu"].entries()) {
      const there = await page.locator(`#backend option[value=${name}]`).isEnabled();
      assertEquals(there, !rows[i].includes("not here"), name);
      if (!there) continue;
      await page.getByLabel("Backend", { exact: true }).selectOption(name);
      await result(new RegExp(` on ${name}\\b`));
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
    await result(/^GDN of a tensor of 3 × .* on cpu/);
    await page.getByLabel("alpha").evaluate((element) => {
      for (let i = 0; i < 60; i++) {
        (element as HTMLInputElement).value = String(1 + i / 60);
        element.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    await show("Instance norm");
    await result(/^Instance norm of a tensor of 1 × 16 × 24 × 3 on cpu/);
    const { results, longest } = await page.evaluate(() =>
      (globalThis as unknown as { seen: { results: number; longest: number } }).seen
    );
    assert(results < 12, `${results} results for some 65 settings`);
    assert(longest < FROZEN, `the page stood still for ${longest} ms`);
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
});

function clamped(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function thrice(values: ArrayLike<number>): number[] {
  return Array.from(values).flatMap((value) => [value, value, value]);
}

/** The four quarters of colours, as tensors. */
function tilesOf(colours: Uint8Array): Tensor[] {
  const [w, h] = [WIDTH / 2, HEIGHT / 2];
  return [0, 1, 2, 3].map((tile) => {
    const [left, top] = [tile % 2 * w, (tile >> 1) * h];
    const data = Float32Array.from({ length: w * h * 3 }, (_, i) => {
      const point = Math.floor(i / 3);
      const at = (top + Math.floor(point / w)) * WIDTH + left + point % w;
      return colours[3 * at + i % 3] / 255;
    });
    return tensor(data, [1, h, w, 3]);
  });
}

/** The quarters as one picture again. */
function joined(tiles: readonly Tensor[]): number[] {
  const [w, h] = [WIDTH / 2, HEIGHT / 2];
  return Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
    const tile = tiles[2 * Math.floor(y / h) + Math.floor(x / w)];
    return tile.data[(y % h * w + x % w) * 3 + i % 3];
  });
}
