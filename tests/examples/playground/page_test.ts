/**
 * The pictures that the playground shows, and how it shows them.
 *
 * @module
 */
/// <reference lib="dom" />
import {
  batchNorm,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  type Runtime,
  tensor,
} from "../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { beforeEach, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { centresOf, photograph } from "./photograph.ts";
import { inBrowser } from "./session.ts";
import {
  COLOUR_FILE,
  COLOUR_TENSOR,
  COLOURS,
  HEIGHT,
  joined,
  type PlaygroundPage,
  thrice,
  tilesOf,
  WIDTH,
} from "./user.ts";

inBrowser("the playground", (session) => {
  let user: PlaygroundPage;
  let page: Page;
  let runtime: Runtime;

  beforeEach(() => {
    ({ user, page, runtime } = session);
  });

  it("shows a photograph at the start, and GDN of its contrasts", async () => {
    await page.goto("about:blank");
    await page.goto(session.server.address);
    await user.result(/^GDN of a tensor of 1 × 240 × 320 × 25 on \w+/);
    const grey = (await photograph()).data.map((value) => Math.round(255 * value));
    const shown = await user.points("before");
    assert(thrice(grey).every((level, i) => Math.abs(level - shown[i]) <= 1));
    await user.assertDrawn(thrice(await centresOf(await photograph(), { runtime })));
    const names = ["before", "after"].map((side) =>
      page.locator(`#bars-${side}`).getAttribute("aria-label")
    );
    for (const name of await Promise.all(names)) {
      assert(
        /^Histogram from -[\d.]+ to [\d.]+: mean [\d.e-]+, deviation [\d.]+; the tallest bar is [\d.]+ %$/
          .test(name!),
        name!,
      );
    }
    assert(await page.evaluate(() => crossOriginIsolated));
  });

  it("draws IGDN of the contrasts of each colour", async () => {
    await user.show("IGDN");
    await user.result(/^IGDN of a tensor of 3 × 16 × 24 × 25/);
    const planes = await Promise.all([0, 1, 2].map(async (c) => {
      const data = COLOUR_TENSOR.data.filter((_, i) => i % 3 === c);
      return await centresOf({ width: WIDTH, height: HEIGHT, data }, { inverse: true, runtime });
    }));
    await user.assertDrawn(Array.from(COLOURS, (_, i) => planes[i % 3][Math.floor(i / 3)]));
  });

  it("takes an image that is dropped, and normalises its colours", async () => {
    await user.show("Instance norm");
    await user.result(/^Instance norm of a tensor of 1 × 16 × 24 × 3/);
    assertEquals(await user.points("before"), [...COLOURS]);
    await user.assertDrawn((await instanceNorm(COLOUR_TENSOR, {}, { runtime })).data);
    assert((await page.locator("#explanation").innerText()).includes("Instance norm takes"));
  });

  it("takes an image that is picked, as tiles with channels first", async () => {
    await page.getByLabel("Your own").setInputFiles({
      name: "colours.png",
      mimeType: "image/png",
      buffer: Buffer.from(COLOUR_FILE),
    });
    await page.getByLabel("Op", { exact: true }).selectOption("Group norm");
    await page.getByLabel("Data format").selectOption("NCHW");
    await page.getByLabel("Samples").selectOption("2 × 2 tiles");
    await page.getByRole("spinbutton", { name: "Added to the variance" }).fill("0.01");
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

  it("reports values that are not finite, and draws no histogram of them", async () => {
    await user.show("GDN");
    await user.result(/^GDN of a tensor of 3 ×/);
    const bars = page.locator("#bars-after");
    assert(await bars.isVisible());
    // A pool below 1 to the power of 60 is 0 in float32.
    await page.getByRole("spinbutton", { name: "epsilon" }).fill("60");
    const facts = page.locator("#facts-after");
    await facts.filter({ hasText: /^No histogram: of 28800 values, .*\d+ (NaN|infinite)/ })
      .waitFor();
    assert(!await bars.isVisible());
    assert(await page.locator("#bars-before").isVisible());
    const drawn = await user.points("after");
    assert(
      drawn.some((level, i) =>
        i % 3 === 0 && level === 255 && drawn[i + 1] === 0 && drawn[i + 2] === 160
      ),
    );
    await page.getByRole("spinbutton", { name: "epsilon" }).fill("0.5");
    await bars.waitFor();
  });

  it("fits a phone, the pictures first", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await user.result(/^Group norm/);
    await page.locator("#race-status").filter({ hasText: /fastest|has run/ }).waitFor();
    const tops = await page.evaluate(() =>
      ["#pictures", "#results", "form", "#more"].map((name) =>
        document.querySelector(name)!.getBoundingClientRect().top
      )
    );
    assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assertEquals(tops, tops.toSorted((a, b) => a - b));
    assert(tops[0] < 200, `the pictures begin at ${tops[0]}`);
    // They stay in sight beside the controls.
    await page.getByLabel("Backend", { exact: true }).scrollIntoViewIfNeeded();
    const after = (await page.locator("#after").boundingBox())!;
    assert(after.y >= 0 && after.y + after.height < 844 / 3, JSON.stringify(after));
  });
});
