/**
 * What users take away from the page: the result, a link and the code.
 *
 * @module
 */
/// <reference lib="dom" />
import { byId, element } from "./page_parts.ts";

/** Offers a canvas as a PNG file. */
export async function download(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (file === null) throw new Error("Cannot download the result: the browser made no PNG of it");
  const link = Object.assign(element("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  // The browser has taken the file once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Copies a text, and says so. Pages that may not copy select it instead, where they show it.
 *
 * @param shown Where the page shows the text.
 */
export async function copy(text: string, what: string, shown?: Element): Promise<void> {
  const say = (words: string) => byId("copied").textContent = words;
  say("");
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${what}`);
  } catch {
    if (shown !== undefined) getSelection()?.selectAllChildren(shown);
    say(
      shown === undefined
        ? `This browser does not let the page copy: ${what} is what its address bar shows`
        : `This browser does not let the page copy: ${what} is selected, to be copied by hand`,
    );
  }
}
