import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  pushAll,
  pushSigned,
  pushUnsigned,
  sized,
  unsigned,
} from "../../../ops/runtime/wasm/compiler/encoding.ts";

const hex = (bytes: readonly number[]) =>
  bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** From the examples of DWARF 5, appendix C, and the ends of what fits into so many bytes. */
const UNSIGNED: readonly (readonly [number, string])[] = [
  [0, "00"],
  [2, "02"],
  [127, "7f"],
  [128, "80 01"],
  [12857, "b9 64"],
  [16383, "ff 7f"],
  [16384, "80 80 01"],
  [2 ** 31, "80 80 80 80 08"],
  [2 ** 32 - 1, "ff ff ff ff 0f"],
];
const SIGNED: readonly (readonly [number, string])[] = [
  [0, "00"],
  [2, "02"],
  [-2, "7e"],
  [63, "3f"],
  [64, "c0 00"],
  [-64, "40"],
  [-65, "bf 7f"],
  [127, "ff 00"],
  [-127, "81 7f"],
  [128, "80 01"],
  [-128, "80 7f"],
  [2 ** 31 - 1, "ff ff ff ff 07"],
  [-(2 ** 31), "80 80 80 80 78"],
];

describe("bytes of WebAssembly", () => {
  it("have numbers in as few bytes as they fit into", () => {
    for (const [number, bytes] of UNSIGNED) assertEquals(hex(unsigned(number)), bytes, `${number}`);
    for (const [number, bytes] of SIGNED) {
      const pushed: number[] = [];
      pushSigned(pushed, number);
      assertEquals(hex(pushed), bytes, `${number}`);
    }
  });

  it("go behind those that are there", () => {
    const bytes = [1];
    pushUnsigned(bytes, 200);
    pushSigned(bytes, -1);
    pushAll(bytes, new Uint8Array([7, 8]));
    assertEquals(bytes, [1, 0xc8, 0x01, 0x7f, 7, 8]);
  });

  it("have their number before them", () => {
    assertEquals(sized([]), [0]);
    assertEquals(sized([5, 6]), [2, 5, 6]);
    assertEquals(sized(new Array(130).fill(9)), [0x82, 0x01, ...new Array(130).fill(9)]);
  });
});
