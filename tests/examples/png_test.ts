import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import { decodePicture } from "../../examples/shared/image.ts";

/** A chunk of a PNG; the decoder does not look at the checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12 + data.length);
  new DataView(whole.buffer).setUint32(0, data.length);
  whole.set(new TextEncoder().encode(type), 4);
  whole.set(data, 8);
  return whole;
}

function header(
  width: number,
  height: number,
  depth: number,
  colour: number,
  interlaced: boolean,
): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  return chunk("IHDR", data);
}

/** Zeros as zlib compresses them, without ever being in memory together. */
async function zeros(length: number): Promise<Uint8Array> {
  const piece = new Uint8Array(Math.min(length, 2 ** 20));
  async function* pieces() {
    for (let left = length; left > 0; left -= piece.length) {
      yield piece.subarray(0, Math.min(left, piece.length));
    }
  }
  const compressed = ReadableStream.from(pieces()).pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

async function png(...chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  const signature = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [signature, ...chunks, chunk("IEND", new Uint8Array(0))];
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

describe("decodePicture", () => {
  for (
    const [name, width, height, depth, colour, interlaced, bytes] of [
      ["8-bit grey", 16, 16, 8, 0, false, 16 * 17],
      ["1-bit grey", 9, 3, 1, 0, false, 3 * 3],
      ["4-bit palette", 5, 2, 4, 3, false, 2 * 4],
      ["16-bit colour with alpha", 3, 2, 16, 6, false, 2 * 25],
      // Passes of 1, 1, 1, 2, 2, 4 and 5 rows or parts of them: 1x1, 1x1, 2x1, 1x2, 3x1, 2x3 and 5x2.
      ["interlaced grey", 5, 5, 8, 0, true, 2 + 2 + 3 + 2 * 2 + 4 + 3 * 3 + 2 * 6],
    ] as const
  ) {
    it(`takes the data that ${name} needs, and not one byte more`, async () => {
      const start = [header(width, height, depth, colour, interlaced)];
      if (colour === 3) start.push(chunk("PLTE", new Uint8Array(3 * 16)));
      const whole = await png(...start, chunk("IDAT", await zeros(bytes)));
      const picture = await decodePicture(whole);
      assertEquals([picture.width, picture.height], [width, height]);
      assert(picture.data.every((value) => value === 0));
      const larger = await png(...start, chunk("IDAT", await zeros(bytes + 1)));
      await assertRejects(
        () => decodePicture(larger),
        Error,
        `more data than the ${bytes} bytes that its points need`,
      );
    });
  }

  it("refuses a small file that inflates to hundreds of megabytes, without the memory", async () => {
    const bomb = await zeros(2 ** 28);
    for (const data of [[bomb], [bomb.subarray(0, 1000), bomb.subarray(1000)]]) {
      const file = await png(
        header(16, 16, 8, 0, false),
        ...data.map((part) => chunk("IDAT", part)),
      );
      const { rss } = Deno.memoryUsage();
      await assertRejects(() => decodePicture(file), Error, "more data than the 272 bytes");
      const grown = Deno.memoryUsage().rss - rss;
      assert(grown < 2 ** 26, `${grown} bytes more`);
    }
  });

  it("does not inflate what is no picture", async () => {
    const bomb = await zeros(2 ** 28);
    const profile = chunk("iCCP", new Uint8Array([0x61, 0, 0, ...bomb]));
    const text = chunk("zTXt", new Uint8Array([0x61, 0, 0, ...bomb]));
    const second = header(60000, 60000, 8, 0, false);
    const data = chunk("IDAT", await zeros(16 * 17));
    const file = await png(header(16, 16, 8, 0, false), second, profile, text, data);
    const { rss } = Deno.memoryUsage();
    assertEquals((await decodePicture(file)).width, 16);
    assert(Deno.memoryUsage().rss - rss < 2 ** 26);
  });

  it("refuses more points than it has memory for, and none", async () => {
    const data = chunk("IDAT", await zeros(10));
    for (const [width, height] of [[2 ** 31, 2 ** 31], [2 ** 13, 2 ** 13 + 1], [0, 5]]) {
      const file = await png(header(width, height, 8, 0, false), data);
      await assertRejects(
        () => decodePicture(file),
        Error,
        `${width} x ${height} points, where 1 to 67108864 are taken`,
      );
    }
  });

  it("refuses a file that is cut off at any byte", async () => {
    const data = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
    const whole = encode({ width: 4, height: 3, data, channels: 1, depth: 8 });
    const { data: points } = await decodePicture(whole);
    assertEquals(points.length, 12);
    for (let length = 0; length < whole.length - 12; length++) {
      await assertRejects(() => decodePicture(whole.slice(0, length)), Error);
    }
  });
});
