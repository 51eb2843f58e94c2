import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type NestedArray, tensor, type TensorData } from "../../mod.ts";

describe("tensor", () => {
  it("takes nested arrays of any depth", () => {
    assertEquals(tensor(5), { shape: [], data: new Float32Array([5]) });
    assertEquals(tensor([1, 2]), { shape: [2], data: new Float32Array([1, 2]) });
    assertEquals(tensor([[[1], [2]]]), { shape: [1, 2, 1], data: new Float32Array([1, 2]) });
    assertEquals(tensor([]), { shape: [0], data: new Float32Array(0) });
    assertEquals(tensor([[], []]), { shape: [2, 0], data: new Float32Array(0) });
  });

  it("keeps a Float32Array as it is", () => {
    const data = new Float32Array([1, 2, 3, 4]);
    assertStrictEquals(tensor(data, [2, 2]).data, data);
    assertEquals(tensor(data).shape, [4]);
  });

  it("turns other numbers into float32", () => {
    for (const data of [Float64Array.of(1, 2), Uint8Array.of(1, 2), Int32Array.of(1, 2), [1, 2]]) {
      assertEquals(tensor(data, [2, 1]), { shape: [2, 1], data: new Float32Array([1, 2]) });
    }
    assertEquals(tensor([0.1]).data[0], Math.fround(0.1));
  });

  it("does not keep the caller's shape", () => {
    const shape = [2];
    const t = tensor(new Float32Array(2), shape);
    shape[0] = 9;
    assertEquals(t.shape, [2]);
  });

  const refused: [string, unknown, number[] | undefined, string][] = [
    ["ragged rows", [[1, 2], [3]], undefined, "data[1] must be an array of 2, got an array of 1"],
    ["a number beside an array", [[1], 2], undefined, "data[1] must be an array of 1, got number"],
    [
      "an array beside a number",
      [1, [2]],
      undefined,
      "data[1] must be a number, got an array of 1",
    ],
    ["holes", [1, , 3], undefined, "data[1] must be a number, got undefined"],
    [
      "rows that are holes",
      [[1], , [3]],
      undefined,
      "data[1] must be an array of 1, got undefined",
    ],
    ["nothing", undefined, undefined, "data must be a number, got undefined"],
    ["a string", [["a"]], undefined, "data[0][0] must be a number, got string"],
    ["big integers", new BigInt64Array(2), undefined, "data must be numbers, got big integers"],
    ["too few elements", [1, 2], [3], "data must have 3 elements for shape (3,), got 2"],
  ];
  for (const [what, data, shape, text] of refused) {
    it(`refuses ${what}`, () => {
      const { message } = assertThrows(() => tensor(data as TensorData, shape), TypeError);
      assertEquals(message, `Cannot make a tensor: ${text}`);
    });
  }

  it("refuses what has no end, at once", () => {
    const cyclic: unknown[] = [];
    cyclic[0] = cyclic;
    let deep: unknown = 1;
    for (let i = 0; i < 10000; i++) deep = [deep];
    for (const data of [cyclic, deep]) {
      const { message } = assertThrows(() => tensor(data as TensorData), TypeError);
      assertEquals(
        message,
        "Cannot make a tensor: data must be nested at most 32 deep, got a deeper or cyclic array",
      );
    }
  });

  it("does not allocate what the first rows of a ragged array promise", () => {
    const row = new Array(1e6).fill(0);
    const { message } = assertThrows(() => tensor([[row], ...new Array(1e6).fill([])]), TypeError);
    assertEquals(message, "Cannot make a tensor: data[1] must be an array of 1, got an array of 0");
  });

  it("refuses a shape that is no array", () => {
    for (const [shape, got] of [[4, "4"], [null, "null"], ["4", "4"]] as const) {
      const { message } = assertThrows(
        () => tensor(new Float32Array(4), shape as unknown as number[]),
        TypeError,
      );
      assertEquals(
        message,
        `Cannot make a tensor: shape must be an array of integers >= 0, got ${got}`,
      );
    }
  });

  it("refuses extents that are none", () => {
    for (const extent of [-1, 0.5, NaN]) {
      const { message } = assertThrows(() => tensor([1], [extent]), RangeError);
      assertEquals(message, `Cannot make a tensor: shape must hold integers >= 0, got ${extent}`);
    }
    const nested: NestedArray = [[1]];
    assertEquals(tensor(nested, [1]).shape, [1]);
  });
});
