/**
 * The browser that the playground is tested in.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";
import { required } from "../../support/required.ts";

const PATH = "/usr/bin/chromium";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** Why there is no browser, to be added to the name of a suite; empty where there is one. */
export const absent = await Deno.stat(PATH).then(() => "", () => `: ${PATH} is not there`);
if (absent !== "" && required.includes("browser")) throw new Error(`Cannot test${absent}`);

/** Starts the browser. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: PATH, args: FLAGS });
}
