/**
 * PNG files before they are decoded: only what a picture needs is kept, and a small file that would
 * inflate to gigabytes is refused before it does.
 *
 * @module
 */

/** Pictures with more points are refused: decoded, they would need a gigabyte. */
const MOST_POINTS = 2 ** 26;

/** Bytes that are inflated at a time; they become at most a thousand times as many. */
const SLICE = 1024;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Channels by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** First column, first row, and the steps between them, of the passes of an interlaced picture. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With its length, type and checksum. */
  readonly whole: Uint8Array;
}

/**
 * The chunks of a PNG that its points need, as a file. Others, such as colour profiles, are left out:
 * they too may be compressed.
 *
 * Source: W3C, "Portable Network Graphics (PNG) Specification", third edition, sections 5, 8 and 11.
 *
 * @throws {Error} If it is not a PNG, has too many points, or has more data than its points need.
 */
export async function trimmedPng(file: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (SIGNATURE.some((byte, i) => file[i] !== byte)) throw new Error("no signature of a PNG");
  const chunks = chunksOf(file);
  const [header] = chunks;
  if (header?.type !== "IHDR" || header.data.length !== 13) throw new Error("no header of a PNG");
  const data = chunks.filter(({ type }) => type === "IDAT");
  await checkInflated(data.map(({ data }) => data), rawLength(header.data));
  const kept = chunks.slice(1).filter(({ type }) => ["PLTE", "IDAT", "IEND"].includes(type));
  const parts = [Uint8Array.from(SIGNATURE), header.whole, ...kept.map(({ whole }) => whole)];
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

function chunksOf(file: Uint8Array): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < file.length;) {
    const left = file.length - at - 12;
    const length = left < 0 ? 0 : view.getUint32(at);
    if (left < length) throw new Error("a file that is cut off");
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    chunks.push({
      type,
      data: file.subarray(at + 8, at + 8 + length),
      whole: file.subarray(at, end),
    });
    if (type === "IEND") break;
    at = end;
  }
  return chunks;
}

/** Bytes of the points and of the filters of their rows, as the header has them. */
function rawLength(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  if (width === 0 || height === 0 || width * height > MOST_POINTS) {
    throw new Error(`${width} x ${height} points, where 1 to ${MOST_POINTS} are taken`);
  }
  const bits = view.getUint8(8) * (CHANNELS[view.getUint8(9)] ?? 4);
  const isInterlaced = view.getUint8(12) !== 0;
  const passes = isInterlaced ? PASSES : [[0, 0, 1, 1] as const];
  let length = 0;
  for (const [left, top, across, down] of passes) {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    if (columns > 0 && rows > 0) length += rows * (1 + Math.ceil(columns * bits / 8));
  }
  return length;
}

/** Inflates data slice by slice, keeps nothing, and stops where there is more than there may be. */
async function checkInflated(parts: readonly Uint8Array[], most: number): Promise<void> {
  const inflated = ReadableStream.from(slices(parts)).pipeThrough(
    new DecompressionStream("deflate"),
  );
  let left = most;
  for await (const { length } of inflated) {
    left -= length;
    if (left < 0) throw new Error(`more data than the ${most} bytes that its points need`);
  }
}

function* slices(parts: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += SLICE) yield part.slice(at, at + SLICE);
  }
}
