/**
 * The playground's worker: the race, and settings that change faster than it computes.
 *
 * @module
 */
/// <reference lib="dom" />
import { instanceNorm, type Runtime } from "../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { beforeEach, it } from "@std/testing/bdd";
import type { Page } from "playwright-core";
import { inBrowser } from "./session.ts";
import { COLOUR_TENSOR, type PlaygroundPage } from "./user.ts";

/** Milliseconds without a timer that would be a frozen page, even on a machine with much to do. */
const FROZEN = 500;

inBrowser("the playground's worker", (session) => {
  let user: PlaygroundPage;
  let page: Page;
  let runtime: Runtime;

  beforeEach(() => {
    ({ user, page, runtime } = session);
  });

  it("races the backends, and says why one is not there", async () => {
    await user.show("Group norm");
    const verdict = page.locator("#race-status");
    await verdict.filter({ hasText: /fastest|has run/ }).waitFor();
    const rows = await page.locator("#race tbody tr").allInnerTexts();
    assertEquals(rows.map((row) => /^\w+/.exec(row)![0]), ["webgpu", "webgl2", "wasm", "cpu"]);
    for (const row of rows) {
      assert(
        /not here: .{10}|[\d.]+\sms\s+(?:median of \d|one call)\s+[\d.]+\s×.*[\d.e-]+$/s.test(row),
        row,
      );
    }
    assert(rows.slice(2).every((row) => /\d\sms/.test(row)), rows.join("\n"));
    // This browser draws with SwiftShader.
    assert(/software renderer: .*SwiftShader.*not ranked/s.test(rows[1]), rows[1]);
    const words = await verdict.innerText();
    assert(
      /^(wasm|cpu) is fastest: .* webgl2 ran in a software renderer and is not ranked/.test(words),
      words,
    );
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
    await page.getByLabel("Op", { exact: true }).selectOption("GDN");
    await page.getByLabel("Backend", { exact: true }).selectOption("cpu");
    await user.result(/^GDN of a tensor of 1 × .* on cpu/);
    await page.getByRole("spinbutton", { name: "alpha" }).evaluate((element) => {
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
    await user.result(/^Group norm/);
    await page.locator("#race tbody tr").first().waitFor();
    await user.show("Instance norm");
    await user.result(/^Instance norm of a tensor of 1 × 16 × 24 × 3/);
    await user.assertDrawn((await instanceNorm(COLOUR_TENSOR, {}, { runtime })).data);
  });
});
