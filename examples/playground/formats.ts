/**
 * What a file is, by its bytes: pictures of points, and what people take for one. File names and
 * types are not believed.
 *
 * @module
 */

/** Width and height in points. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture's format. */
export interface Format {
  readonly name: string;
  /** Whether a file begins like one. */
  begins(file: Uint8Array): boolean;
  /** Its size, where the file's beginning has it. */
  size?(file: Uint8Array): Size | undefined;
  /** Whether the end of the file is there. */
  isWhole?(file: Uint8Array): boolean;
}

/** Formats that a browser may know; whether this one does shows as it decodes. */
export const PICTURES: readonly Format[] = [
  {
    name: "PNG",
    begins: (file) => hasAt(file, 0, "\x89PNG\r\n\x1a\n"),
    size: (file) => sizeAt(file, 16, 20, 4, false),
    isWhole: pngIsWhole,
  },
  {
    name: "JPEG",
    begins: (file) => hasAt(file, 0, "\xff\xd8\xff"),
    size: jpegSize,
    // A preview inside of the file has an end of its own, before the picture's last scan.
    isWhole: (file) => lastMarker(file, 0xd9) > lastMarker(file, 0xda),
  },
  {
    name: "GIF",
    begins: (file) => hasAt(file, 0, "GIF8"),
    size: (file) => sizeAt(file, 6, 8, 2, true),
  },
  {
    name: "WebP",
    begins: (file) => hasAt(file, 0, "RIFF") && hasAt(file, 8, "WEBP"),
    isWhole: (file) => viewOf(file).getUint32(4, true) + 8 <= file.length,
  },
  {
    name: "BMP",
    begins: (file) => hasAt(file, 0, "BM") && hasAt(file, 6, "\0\0\0\0"),
    size: (file) => sizeAt(file, 18, 22, 4, true),
    isWhole: (file) => viewOf(file).getUint32(2, true) <= file.length,
  },
  { name: "AVIF", begins: (file) => hasAt(file, 4, "ftypavi") },
  { name: "HEIC", begins: (file) => /^ftyp(hei|hev|mif1|msf1)/.test(textAt(file, 4, 8)) },
  {
    name: "TIFF",
    begins: (file) => hasAt(file, 0, "II*\0") || hasAt(file, 0, "MM\0*"),
  },
  {
    name: "JPEG XL",
    begins: (file) => hasAt(file, 0, "\xff\x0a") || hasAt(file, 4, "JXL "),
  },
  { name: "ICO", begins: (file) => hasAt(file, 0, "\0\0\x01\0") },
];

/** What no picture of points is, in words. */
export function otherKindOf(file: Uint8Array): string {
  if (file.length === 0) return "an empty file";
  if (hasAt(file, 0, "%PDF")) return "a PDF";
  if (hasAt(file, 0, "PK\x03\x04")) return "a ZIP archive";
  const start = new TextDecoder().decode(file.subarray(0, 4096));
  if (/^\s*<(\?xml|!--|!doctype svg|svg)/i.test(start) && /<svg[\s>]/i.test(start)) {
    return "an SVG, which is a drawing without points of its own";
  }
  // What is not UTF-8 has become U+FFFD.
  const isText = [...start.slice(0, 512)].every((character) =>
    character !== "\ufffd" && (character >= " " || "\t\n\r\f".includes(character))
  );
  return isText ? "text" : "a file of no known format";
}

function textAt(file: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...file.subarray(at, at + length));
}

function hasAt(file: Uint8Array, at: number, text: string): boolean {
  return textAt(file, at, text.length) === text;
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

/** Two numbers of a header; a BMP's height is negative if its rows go from the top. */
function sizeAt(
  file: Uint8Array,
  width: number,
  height: number,
  bytes: 2 | 4,
  little: boolean,
): Size | undefined {
  if (file.length < height + bytes) return undefined;
  const view = viewOf(file);
  const read = (at: number) => bytes === 2 ? view.getUint16(at, little) : view.getInt32(at, little);
  return { width: read(width), height: Math.abs(read(height)) };
}

/** Goes from chunk to chunk to the last one. */
function pngIsWhole(file: Uint8Array): boolean {
  const view = viewOf(file);
  for (let at = 8; at + 12 <= file.length; at += 12 + view.getUint32(at)) {
    if (hasAt(file, at + 4, "IEND")) return true;
  }
  return false;
}

/** Goes from segment to segment to the one that begins a frame. */
function jpegSize(file: Uint8Array): Size | undefined {
  const view = viewOf(file);
  for (let at = 2; at + 9 <= file.length && file[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = file[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return undefined;
}

/** Where a JPEG has a marker for the last time. */
function lastMarker(file: Uint8Array, marker: number): number {
  for (let at = file.length - 2; at >= 0; at--) {
    if (file[at] === 0xff && file[at + 1] === marker) return at;
  }
  return -1;
}
