/**
 * The playground's page as a user handles it, and a picture for it.
 *
 * @module
 */
/// <reference lib="dom" />
import { type Tensor, tensor } from "../../../mod.ts";
import { assertEquals } from "@std/assert";
import { encode } from "fast-png";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** Backends differ by 1e-6, which can turn the rounding of a grey level of 255. */
const LEVELS = 1;

/** Colours that vary from point to point, 24 wide and 16 high. */
export const WIDTH = 24;
export const HEIGHT = 16;
export const COLOURS = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, i) => (i * i * 7 + i * 31) % 200 + 20 * (i % 3),
);

/** The same as a PNG. */
export const COLOUR_FILE = encode({
  width: WIDTH,
  height: HEIGHT,
  data: COLOURS,
  channels: 3,
  depth: 8,
});

/** The same as an op's input. */
export const COLOUR_TENSOR = tensor(
  Float32Array.from(COLOURS, (level) => level / 255),
  [1, HEIGHT, WIDTH, 3],
);

/** A page, and what it has complained of. */
export class PlaygroundPage {
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
  }

  /** Goes to the playground. */
  static async open(browser: Browser | BrowserContext, address: string): Promise<PlaygroundPage> {
    const opened = new PlaygroundPage(await browser.newPage());
    await opened.page.goto(address);
    return opened;
  }

  /** Waits until the status says this, and the page is done with it. */
  async result(status: RegExp): Promise<void> {
    await this.page.locator("#results[aria-busy=false] #status").filter({ hasText: status })
      .waitFor();
    assertEquals(await this.page.getByRole("alert").count(), 0);
  }

  /** Red, green and blue of each point of a canvas. */
  points(canvas: "before" | "after"): Promise<number[]> {
    return this.page.getByRole("img", { name: `The picture ${canvas}` }).evaluate((element) => {
      // A copy, as the page's own canvas is not made to be read.
      const { width, height } = element as HTMLCanvasElement;
      const context = new OffscreenCanvas(width, height).getContext("2d", {
        willReadFrequently: true,
      })!;
      context.drawImage(element as HTMLCanvasElement, 0, 0);
      return [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 < 3);
    });
  }

  /** Compares the picture after with values, three a point. */
  async assertDrawn(values: ArrayLike<number>): Promise<void> {
    const all = Array.from(values);
    const unit = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length);
    const drawn = await this.points("after");
    assertEquals(drawn.length, all.length);
    const far = drawn.findIndex((level, i) =>
      !(Math.abs(level - 255 * clamped(0.5 + all[i] / (4 * unit))) <= LEVELS)
    );
    assertEquals(far, -1, `level ${drawn[far]} for ${all[far]} of unit ${unit}`);
  }

  /** Drops a file on the page. */
  async drop(file: Uint8Array, type: string): Promise<void> {
    const data = await this.page.evaluateHandle(({ bytes, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], "dropped", { type }));
      return transfer;
    }, { bytes: [...file], type });
    await this.page.dispatchEvent("body", "drop", { dataTransfer: data });
  }

  /** Chooses colours and an op for the picture that varies. */
  async show(op: string): Promise<void> {
    await this.drop(COLOUR_FILE, "image/png");
    await this.page.getByLabel("Op", { exact: true }).selectOption(op);
    await this.page.getByLabel("Picture as").selectOption("Red, green and blue");
  }
}

function clamped(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Grey as colours. */
export function thrice(values: ArrayLike<number>): number[] {
  return Array.from(values).flatMap((value) => [value, value, value]);
}

/** The four quarters of colours, as tensors. */
export function tilesOf(colours: Uint8Array): Tensor[] {
  const w = WIDTH / 2;
  const h = HEIGHT / 2;
  return [0, 1, 2, 3].map((tile) => {
    const left = tile % 2 * w;
    const top = (tile >> 1) * h;
    const data = Float32Array.from({ length: w * h * 3 }, (_, i) => {
      const point = Math.floor(i / 3);
      const at = (top + Math.floor(point / w)) * WIDTH + left + point % w;
      return colours[3 * at + i % 3] / 255;
    });
    return tensor(data, [1, h, w, 3]);
  });
}

/** The quarters as one picture again. */
export function joined(tiles: readonly Tensor[]): number[] {
  const w = WIDTH / 2;
  const h = HEIGHT / 2;
  return Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % WIDTH;
    const y = Math.floor(i / 3 / WIDTH);
    const tile = tiles[2 * Math.floor(y / h) + Math.floor(x / w)];
    return tile.data[(y % h * w + x % w) * 3 + i % 3];
  });
}
