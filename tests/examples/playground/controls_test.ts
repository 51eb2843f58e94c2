/**
 * The playground's controls: by their labels, with a mouse or a keyboard, and with what cannot be.
 *
 * @module
 */
/// <reference lib="dom" />
import { groupNorm, instanceNorm, type Runtime, tensor } from "../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { beforeEach, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import type { Page } from "playwright-core";
import { PHOTOGRAPHS } from "../../../examples/shared/photographs.ts";
import { photograph } from "./photograph.ts";
import { inBrowser } from "./session.ts";
import { COLOUR_FILE, COLOUR_TENSOR, type PlaygroundPage, thrice } from "./user.ts";

inBrowser("the playground's controls", (session) => {
  let user: PlaygroundPage;
  let page: Page;
  let runtime: Runtime;

  beforeEach(() => {
    ({ user, page, runtime } = session);
  });

  it("works with the keyboard, in the order in which it is seen", async () => {
    await user.result(/^Group norm/);
    await page.getByLabel("Op", { exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await user.result(/^Instance norm/);
    const { width, height, data } = await photograph();
    const y = await instanceNorm(tensor(data, [1, height, width, 1]), {}, { runtime });
    await user.assertDrawn(thrice(y.data));
    await page.locator("h1").click();
    const names: string[] = [];
    for (let i = 0; i < 14; i++) {
      await page.keyboard.press("Tab");
      names.push(
        await page.evaluate(() => {
          const { id, labels } = document.activeElement as HTMLInputElement;
          return id || labels![0].title;
        }),
      );
    }
    assertEquals(names, [
      "download",
      "copy-link",
      PHOTOGRAPHS[0].title,
      "file",
      "op",
      "stabiliser-slider",
      "stabiliser",
      "channels",
      "tiles",
      "dataFormat",
      "backend",
      "copy-code",
      "code",
      "race-region",
    ]);
  });

  it("chooses among the photographs by the arrows", async () => {
    await user.result(/^Group norm/);
    const first = await user.points("before");
    await page.getByRole("radio", { name: PHOTOGRAPHS[0].title }).focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(`**/#op=groupNorm&picture=${PHOTOGRAPHS[1].name}`);
    await user.result(/^Group norm/);
    assert((await user.points("before")).some((level, i) => level !== first[i]));
    assert(await page.getByRole("radio", { name: PHOTOGRAPHS[1].title }).isChecked());
  });

  it("has sliders for continuous numbers, which go with their fields", async () => {
    await user.show("GDN");
    const slider = (name: string) => page.getByRole("slider", { name });
    const field = (name: string) => page.getByRole("spinbutton", { name });
    await slider("alpha").fill("1.5");
    assertEquals(await field("alpha").inputValue(), "1.5");
    await field("epsilon").fill("1.25");
    assertEquals(await slider("epsilon").inputValue(), "1.25");
    await user.result(/^GDN of a tensor of 3 ×/);
    const code = page.locator("#code");
    await code.filter({ hasText: "{ alphaParameter: 1.5, epsilonParameter: 1.25 }" }).waitFor();
    // Beyond the slider's end, and far below 1 on a logarithmic one.
    await field("alpha").fill("7");
    assertEquals(await slider("alpha").inputValue(), "4");
    await page.getByLabel("Op", { exact: true }).selectOption("Instance norm");
    await slider("variance").fill("-3");
    assertEquals(await field("variance").inputValue(), "0.001");
    assertEquals(await slider("variance").getAttribute("aria-valuetext"), "0.001");
    await field("variance").fill("0");
    assertEquals(await slider("variance").inputValue(), "-8");
    await code.filter({ hasText: "{ epsilon: 0 }" }).waitFor();
    assertEquals(await page.getByRole("slider").count(), 1);
  });

  it("says what is wrong at the field, and goes on", async () => {
    const alert = page.getByRole("alert");
    const groups = page.getByRole("spinbutton", { name: "Groups" });
    const invalid = () =>
      page.locator("[aria-invalid=true]").evaluateAll((all) => all.map((e) => e.id));
    await user.show("Group norm");
    await groups.fill("2");
    await alert.filter({ hasText: "groups must divide the 3 channels of x, got 2" }).waitFor();
    assertEquals(await invalid(), ["groups"]);
    const said = await page.locator("#groups-error").innerText();
    assert(said.startsWith("Must divide the 3 channels of x, got 2"), said);
    assert(await page.getByRole("button", { name: "Download the result" }).isDisabled());
    await groups.fill("");
    await alert.filter({ hasText: "groups must be a number, got an empty field" }).waitFor();
    assertEquals(await invalid(), ["groups"]);
    await groups.fill("3");
    await user.result(/^Group norm/);
    assertEquals(await invalid(), []);
    assertEquals(await page.locator("#groups-error").innerText(), "");
    await user.assertDrawn((await groupNorm(COLOUR_TENSOR, {}, { groups: 3, runtime })).data);
    await page.getByRole("spinbutton", { name: "variance" }).fill("-1");
    await alert.filter({ hasText: "epsilon must" }).waitFor();
    assertEquals(await invalid(), ["stabiliser"]);

    await page.getByLabel("Op", { exact: true }).selectOption("GDN");
    await user.result(/^GDN/);
    await page.getByLabel("Inverse afterwards").check();
    await page.getByRole("spinbutton", { name: "alpha" }).fill("1");
    await alert.filter({ hasText: "fitted for alpha 2 and epsilon 0.5, got 1 and 0.5" }).waitFor();
    await page.getByRole("spinbutton", { name: "alpha" }).pressSequentially("e");
    await alert.filter({ hasText: "alpha must be a number, got other text" }).waitFor();
    assertEquals(await invalid(), ["alpha"]);
    await page.getByRole("spinbutton", { name: "alpha" }).fill("2");
    await user.result(/^GDN/);
  });

  it("refuses files with the true reason", async () => {
    const refusal = (text: string) => page.getByRole("alert").filter({ hasText: text }).waitFor();
    await user.show("Group norm");
    await user.result(/^Group norm/);
    await user.drop(
      new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>"),
      "image/svg+xml",
    );
    await refusal(
      "Cannot show dropped: it must be a picture made of points, such as a PNG or a JPEG, got an SVG",
    );
    await user.drop(new TextEncoder().encode("no image"), "image/png");
    await refusal("got text");
    await user.drop(COLOUR_FILE.slice(0, -20), "image/png");
    await refusal("it must be a whole file, got a PNG that is cut off");
    const broken = COLOUR_FILE.slice();
    broken.fill(0x55, 60, 120);
    await user.drop(broken, "image/png");
    await refusal("it must be a whole file, got a PNG that is broken");
    const large = COLOUR_FILE.slice();
    new DataView(large.buffer).setUint32(16, 1_000_000);
    new DataView(large.buffer).setUint32(20, 1_000_000);
    await user.drop(large, "image/png");
    await refusal("it must have at most 67108864 points, got 1000000 x 1000000");
    await user.drop(
      encode({ width: 3, height: 5, data: new Uint8Array(15), channels: 1 }),
      "image/png",
    );
    await page.getByLabel("Samples").selectOption("4 × 4 tiles");
    await refusal("at least 4 x 4 points for as many tiles, got 3 x 5");
    await page.getByLabel("Samples").selectOption("The whole picture");
    await user.result(/^Group norm of a tensor of 1 × 5 × 3 × 3/);
  });
});
