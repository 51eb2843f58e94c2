/**
 * The playground as a static host serves it: built by its command, from a path below the root, with no
 * headers of its own.
 *
 * @module
 */
/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import { after, afterEach, before, describe, it } from "@std/testing/bdd";
import { decode } from "fast-png";
import type { Browser, BrowserContext } from "playwright-core";
import config from "../../../deno.json" with { type: "json" };
import { PHOTOGRAPHS } from "../../../examples/shared/photographs.ts";
import { absent, launch } from "./chromium.ts";
import { QUICK } from "./session.ts";
import { PlaygroundPage } from "./user.ts";
import { VIEWS, violationsOf } from "./violations.ts";

const ROOT = new URL("../../../", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  css: "text/css",
  js: "text/javascript",
  png: "image/png",
};

const suite = absent === "" ? describe : describe.skip;

suite(`the playground's static folder${absent}`, () => {
  let folder: string;
  let host: Deno.HttpServer<Deno.NetAddr>;
  let browser: Browser;
  let context: BrowserContext;
  let address: string;

  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "kernorm-" });
    await buildInto(`${folder}/kernorm/playground`);
    host = Deno.serve({ hostname: "localhost", port: 0, onListen() {} }, fileOf);
    address = `http://localhost:${host.addr.port}/kernorm/playground/`;
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    await host.shutdown();
    await Deno.remove(folder, { recursive: true });
  });
  afterEach(async () => {
    await context.close();
  });

  /** Runs the task as a user does. */
  async function buildInto(site: string): Promise<void> {
    const [, ...args] = config.tasks.playground.split(" ");
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args.toSpliced(1, 0, "--no-lock"), "build", site],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    assert(new TextDecoder().decode(stdout).startsWith(`wrote ${site} (`));
  }

  /** What any static host does. */
  async function fileOf({ url }: Request): Promise<Response> {
    const path = new URL(url).pathname.replace(/\/$/, "/index.html");
    try {
      const body = await Deno.readFile(folder + path);
      const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "text/plain";
      return new Response(body, { headers: { "content-type": type } });
    } catch {
      return new Response("Not found", { status: 404 });
    }
  }

  /** Opens the page for a user with these habits. */
  async function open(
    { width = 1280, colorScheme = "light" as "light" | "dark", hash = QUICK },
  ): Promise<PlaygroundPage> {
    context = await browser.newContext({
      viewport: { width, height: 844 },
      colorScheme,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    return await PlaygroundPage.open(context, address + hash);
  }

  it("needs no headers, and asks for nothing that is not in it", async () => {
    const user = await open({});
    const asked: string[] = [];
    user.page.on("request", (request) => asked.push(request.url()));
    await user.page.reload();
    await user.result(/^Group norm/);
    assertEquals(await user.page.evaluate(() => crossOriginIsolated), false);
    assertEquals(asked.filter((url) => !url.startsWith(address)), []);
    assert(asked.length > 5, asked.join(" "));
    assertEquals(user.complaints, []);
  });

  it("gives the result, a link and the code to take away", async () => {
    const user = await open({});
    const { page } = user;
    await user.show("Group norm");
    await page.getByRole("spinbutton", { name: "Groups" }).fill("3");
    await page.getByRole("spinbutton", { name: "variance" }).fill("0.01");
    await page.locator("#code").filter({ hasText: "{ groups: 3, epsilon: 0.01 }" }).waitFor();
    await user.result(/^Group norm of a tensor of 1 × 16 × 24 × 3/);

    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the result" }).click();
    const download = await waiting;
    assertEquals(download.suggestedFilename(), "kernorm-groupNorm.png");
    const path = `${folder}/download.png`;
    await download.saveAs(path);
    const { width, height, data, channels } = decode(await Deno.readFile(path));
    assertEquals([width, height, channels], [24, 16, 4]);
    assertEquals([...data].filter((_, i) => i % 4 < 3), await user.points("after"));

    await page.getByRole("button", { name: "Copy a link" }).click();
    await page.locator("#copied").filter({ hasText: "Copied the link" }).waitFor();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    // The picture is the user's own: the link does not have it.
    const hash = "#op=groupNorm&channels=rgb&groups=3&stabiliser=0.01";
    assertEquals(await copied(), address + hash);
    assertEquals(page.url(), address + hash);
    await page.getByRole("button", { name: "Copy the code" }).click();
    await page.locator("#copied").filter({ hasText: "Copied the code" }).waitFor();
    assertEquals(await copied(), await page.locator("#code").textContent());
    assertEquals(user.complaints, []);
  });

  it("selects the code where a page may not copy", async () => {
    const user = await open({});
    await user.result(/^Group norm/);
    await user.page.evaluate(() =>
      Object.defineProperty(navigator.clipboard, "writeText", {
        value: () => Promise.reject(new Error("not allowed")),
      })
    );
    await user.page.getByRole("button", { name: "Copy the code" }).click();
    await user.page.locator("#copied").filter({ hasText: "the code is selected" }).waitFor();
    assertEquals(
      (await user.page.evaluate(() => String(getSelection()))).trim(),
      (await user.page.locator("#code").textContent())!.trim(),
    );
  });

  it("restores what a link says, at the start and later", async () => {
    const [, second] = PHOTOGRAPHS;
    const user = await open({
      hash: `#op=batchNorm&channels=rgb&tiles=2&backend=cpu&picture=${second.name}`,
    });
    const { page } = user;
    await user.result(/^Batch norm of a tensor of 4 × 120 × 160 × 3 on cpu\b/);
    assert(await page.getByRole("radio", { name: second.title }).isChecked());
    assertEquals(await page.getByLabel("Samples").inputValue(), "2");
    assertEquals(await page.getByLabel("Picture as").inputValue(), "rgb");
    await page.evaluate(() => location.hash = "#op=igdn&alpha=1.5");
    await user.result(/^IGDN of a tensor of 1 × 240 × 320 × 25/);
    assertEquals(await page.getByRole("slider", { name: "alpha" }).inputValue(), "1.5");
    assert(await page.getByRole("radio", { name: second.title }).isChecked());
    assertEquals(user.complaints, []);
  });

  it("says what is wrong with a link, and shows what it starts with", async () => {
    const user = await open({ hash: "#op=norm" });
    const alert = user.page.locator("#link-error");
    await alert.filter({ hasText: "Cannot restore the link: op must be gdn, igdn" }).waitFor();
    await user.page.locator("#status").filter({ hasText: /^GDN of a tensor/ }).waitFor();
    await user.page.getByLabel("Picture as").selectOption("rgb");
    await user.result(/^GDN of a tensor of 3 ×/);
  });

  it("says that there is no result where a link has settings that cannot be", async () => {
    const user = await open({ hash: "#op=groupNorm&channels=rgb&groups=2" });
    await user.page.locator("#error").filter({ hasText: "groups must divide the 3" }).waitFor();
    assertEquals(await user.page.locator("#status").innerText(), "No result for these settings.");
    assert(await user.page.getByRole("button", { name: "Download" }).isDisabled());
  });

  for (const { width, colorScheme } of VIEWS) {
    it(`has no violations in ${colorScheme}, ${width} wide`, async () => {
      const user = await open({ width, colorScheme });
      const { page } = user;
      await user.result(/^Group norm/);
      await page.locator("#race-status").filter({ hasText: /fastest|has run/ }).waitFor();
      assertEquals(await violationsOf(page), []);
      await page.getByLabel("Op", { exact: true }).selectOption("GDN");
      await user.result(/^GDN/);
      assertEquals(await violationsOf(page), []);
      // With a field in error, and no result for it.
      await page.getByRole("spinbutton", { name: "alpha" }).fill("");
      await page.getByRole("alert").waitFor();
      assertEquals(await violationsOf(page), []);
      assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), width);
    });
  }
});
