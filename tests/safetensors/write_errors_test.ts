import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tensor, writeSafetensors } from "../../mod.ts";

describe("writeSafetensors", () => {
  const wrong: [what: string, args: unknown[], text: string][] = [
    ["no tensors", [null], "tensors must be an object, got null"],
    ["a list", [[tensor(1)]], "tensors must be an object, got an object of class Array"],
    ["a Map", [new Map()], "tensors must be a plain object, got an object of class Map"],
    [
      "an array",
      [{ a: [1] }],
      '"a" must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it',
    ],
    [
      "data that do not fill the shape",
      [{ a: { shape: [2], data: new Float32Array(3) } }],
      '"a" must have 2 elements for shape (2,), got 3',
    ],
    [
      "a shape of no sizes",
      [{ a: { shape: [-1, -1], data: new Float32Array(1) } }],
      '"a" must have a shape of integers >= 0, got (-1, -1)',
    ],
    [
      "the name of the metadata",
      [{ __metadata__: tensor(1) }],
      'a name must not be that of the metadata, got "__metadata__"',
    ],
    [
      "half a character",
      [{ "\ud800": tensor(1) }],
      'a name must have no lone surrogates, got "\\ud800"',
    ],
    ["no metadata", [{}, null], "metadata must be an object, got null"],
    ["a number in the metadata", [{}, { a: 1 }], 'metadata of "a" must be text, got 1'],
  ];
  for (const [what, args, text] of wrong) {
    it(`refuses ${what}`, () => {
      const write = writeSafetensors as (...args: unknown[]) => unknown;
      const { message } = assertThrows(() => write(...args), TypeError);
      assertEquals(message, `Cannot write safetensors: ${text}`);
    });
  }

  it("refuses names of more than 100 MB", () => {
    const name = "x".repeat(1e6);
    const tensors = Object.fromEntries(
      Array.from({ length: 101 }, (_, i) => [`${i}${name}`, tensor(1)]),
    );
    const { message } = assertThrows(() => writeSafetensors(tensors), RangeError);
    assertStringIncludes(
      message,
      "Cannot write safetensors: the header must have 100000000 bytes or less, got 101",
    );
  });
});
