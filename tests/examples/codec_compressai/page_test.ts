/**
 * The page of the codec as a user meets it, in a browser.
 *
 * @module
 */
/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import { type Playground, serve } from "../../../examples/playground/server.ts";
import { absent, launch } from "../playground/chromium.ts";
import { PlaygroundPage } from "../playground/user.ts";
import { VIEWS, violationsOf } from "../playground/violations.ts";
import { picture, reference } from "./reference.ts";

/** Of levels from 0 to 255: both round a value that they have to 1e-3 of a level. */
const LEVELS = 1;

const suite = absent === "" ? describe : describe.skip;

suite(`the page of the codec${absent}`, () => {
  let server: Playground;
  let browser: Browser;
  let user: PlaygroundPage;
  let page: Page;

  before(async () => {
    [server, browser] = await Promise.all([serve(0), launch()]);
    user = await PlaygroundPage.open(browser, server.address);
    ({ page } = user);
    await page.getByRole("link", { name: "A learned image codec" }).click();
  });
  after(async () => {
    await Promise.all([browser.close(), server[Symbol.asyncDispose]()]);
  });

  it("decodes a photograph at the start, and says how well", async () => {
    await settled();
    assertMatch(await page.locator("#facts").innerText(), /0\.\d+ bits per point .* PSNR of \d\d/);
    assertEquals(user.complaints, []);
  });

  it("decodes an image that is picked to what CompressAI decodes", async () => {
    const { width, height, data } = picture;
    const bytes = Uint8Array.from(data, (value) => Math.round(255 * value));
    await pick(encode({ width, height, data: bytes, channels: 3 }));
    await settled();
    assertMatch(await page.locator("#facts").innerText(), /^12288 points became 6 × 8 × 64 whole/);
    const drawn = await page.getByRole("img", { name: "The picture decoded" }).evaluate(
      (element) => {
        const { width, height } = element as HTMLCanvasElement;
        const context = (element as HTMLCanvasElement).getContext("2d")!;
        return [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 < 3);
      },
    );
    assertEquals(drawn.length, reference.decoded.data.length);
    const far = drawn.findIndex((level, i) => {
      const expected = 255 * Math.min(1, Math.max(0, reference.decoded.data[i]));
      return !(Math.abs(level - expected) <= LEVELS);
    });
    assertEquals(far, -1);
    assertEquals(user.complaints, []);
  });

  it("says what is wrong with a file, and goes on", async () => {
    await pick(new TextEncoder().encode("no image"));
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert((await alert.innerText()).length > 20);
    await pick(encode({ width: 3, height: 5, data: new Uint8Array(15), channels: 1 }));
    await settled();
    assertEquals(await alert.count(), 0);
    assertMatch(await page.locator("#facts").innerText(), /^15 points became 1 × 1 × 64 whole/);
  });

  for (const { width, colorScheme } of VIEWS) {
    it(`fits, and has no violations, in ${colorScheme}, ${width} wide`, async () => {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), width);
      assertEquals(await violationsOf(page), []);
    });
  }

  it("has no violations with an error either", async () => {
    await pick(new TextEncoder().encode("no image"));
    await page.getByRole("alert").waitFor();
    assertEquals(await violationsOf(page), []);
  });

  async function pick(file: Uint8Array): Promise<void> {
    await page.getByLabel("Image").setInputFiles({
      name: "picked.png",
      mimeType: "image/png",
      buffer: Buffer.from(file),
    });
  }

  /** Waits until the page has decoded the newest picture. */
  async function settled(): Promise<void> {
    await page.locator("#results[aria-busy=false] #status").filter({ hasText: /^Encoded in/ })
      .waitFor();
  }
});
