import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  checkBytes,
  checkPicture,
  undecodedReason,
} from "../../../examples/playground/picture_file.ts";
import { COLOUR_FILE } from "./user.ts";

const POINTS = "it must be a picture made of points, such as a PNG or a JPEG, got";

/** Bytes of a text in which every character is one byte. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A PNG's beginning that claims a size. */
function claiming(width: number, height: number): Uint8Array {
  const file = COLOUR_FILE.slice();
  const view = new DataView(file.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return file;
}

/** A JPEG of a preview, a frame of 40000 x 2 points and a scan. */
const JPEG = bytes(
  "\xff\xd8" + "\xff\xe1\x00\x0b\xff\xd8\xff\xda\x01\x02\x03\xff\xd9" +
    "\xff\xc0\x00\x0b\x08\x00\x02\x9c\x40\x01\x01\x11\x00" +
    "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + "scan" + "\xff\xd9",
);

describe("a file that is chosen in the playground", () => {
  it("is known by its bytes", () => {
    assertEquals(checkPicture(COLOUR_FILE, "a"), "PNG");
    assertEquals(checkPicture(JPEG, "a"), "JPEG");
    assertEquals(checkPicture(bytes("GIF89a\x01\0\x01\0;"), "a"), "GIF");
    assertEquals(checkPicture(bytes("RIFF\x04\0\0\0WEBP"), "a"), "WebP");
    assertEquals(checkPicture(bytes("\0\0\0\x1cftypavif"), "a"), "AVIF");
    assertEquals(checkPicture(bytes("\0\0\0\x1cftypheic"), "a"), "HEIC");
    assertEquals(checkPicture(bytes("MM\0*...."), "a"), "TIFF");
  });

  const others: Readonly<Record<string, string>> = {
    "": "an empty file",
    '<svg xmlns="http://www.w3.org/2000/svg"/>':
      "an SVG, which is a drawing without points of its own",
    '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<svg\nwidth="3">':
      "an SVG, which is a drawing without points of its own",
    "<!doctype html><p><svg></svg>": "text",
    "no image": "text",
    "%PDF-1.7": "a PDF",
    "PK\x03\x04...": "a ZIP archive",
    "\x7fELF\x02\x01\x01\0": "a file of no known format",
  };
  for (const [text, kind] of Object.entries(others)) {
    it(`is refused if it is ${kind} (${JSON.stringify(text.slice(0, 12))})`, () => {
      assertThrows(
        () => checkPicture(bytes(text), "a.png"),
        TypeError,
        `Cannot show a.png: ${POINTS} ${kind}`,
      );
    });
  }

  it("is refused if its end is missing", () => {
    const cut: Readonly<Record<string, Uint8Array>> = {
      PNG: COLOUR_FILE.subarray(0, COLOUR_FILE.length - 12),
      JPEG: JPEG.subarray(0, JPEG.length - 2),
      WebP: bytes("RIFF\x05\0\0\0WEBP"),
      BMP: bytes("BM\xff\0\0\0\0\0\0\0"),
    };
    for (const [format, file] of Object.entries(cut)) {
      assertThrows(
        () => checkPicture(file, "a"),
        TypeError,
        `Cannot show a: it must be a whole file, got a ${format} that is cut off`,
      );
    }
    for (let length = 8; length < COLOUR_FILE.length; length++) {
      assertThrows(() => checkPicture(COLOUR_FILE.subarray(0, length), "a"), TypeError, "cut off");
    }
  });

  it("is refused if it has too many points, before it is decoded", () => {
    const rule = "it must have at most 67108864 points, got";
    const named: Readonly<Record<string, Uint8Array>> = {
      "8193 x 8192": claiming(8193, 8192),
      "65535 x 65535": bytes("GIF89a\xff\xff\xff\xff"),
      "40000 x 40000": JPEG.map((byte, i) => i === 20 ? 0x9c : i === 21 ? 0x40 : byte),
    };
    for (const [size, file] of Object.entries(named)) {
      assertThrows(() => checkPicture(file, "a"), RangeError, `Cannot show a: ${rule} ${size}`);
    }
    assertEquals(checkPicture(claiming(8192, 8192), "a"), "PNG");
  });

  it("is refused if it has too many bytes, before it is read", () => {
    checkBytes(2 ** 26, "a");
    assertThrows(
      () => checkBytes(2 ** 26 + 1, "a"),
      RangeError,
      "Cannot show a: the file must have at most 64 MiB, got 65 MiB",
    );
  });

  it("is called broken only if the browser surely knows its format", () => {
    assertEquals(
      undecodedReason("PNG", "a"),
      "Cannot show a: it must be a whole file, got a PNG that is broken",
    );
    assertEquals(
      undecodedReason("HEIC", "a"),
      "Cannot show a: it must be in a format that this browser can decode, got HEIC",
    );
  });
});
