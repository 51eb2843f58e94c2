/**
 * What axe finds in a page, and the views in which pages are looked at.
 *
 * @module
 */
/// <reference lib="dom" />
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Widths of a screen and of a phone, in both colour schemes. */
export const VIEWS = [1280, 390].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme }))
);

/** What axe finds, in words; contrasts are measured once nothing moves. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}
