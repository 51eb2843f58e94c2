import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { readSafetensors, type Tensor, tensor, writeSafetensors } from "../../mod.ts";
import { safetensorsFile } from "./file.ts";

/**
 * By safetensors 0.8.0 for Python: `save({"b.scale": [1.5, -2, inf], "a": [[1, 2], [3, 4]], "s": 7, "e":
 * zeros((0, 3))}, {"format": "np"})`, all float32.
 */
const FLOATS = bytesOf(
  "CAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hh" +
    "cGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImIuc2NhbGUiOnsiZHR5cGUiOiJGMzIiLCJzaGFw" +
    "ZSI6WzNdLCJkYXRhX29mZnNldHMiOlsxNiwyOF19LCJlIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDNd" +
    "LCJkYXRhX29mZnNldHMiOlsyOCwyOF19LCJzIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOltdLCJkYXRhX29m" +
    "ZnNldHMiOlsyOCwzMl19fSAgICAAAIA/AAAAQAAAQEAAAIBAAADAPwAAAMAAAIB/AADgQA==",
);

/** By the same, a tensor of each element type, with ml_dtypes for `BF16` and `F8_E4M3`. */
const MIXED = bytesOf(
  "IAMAAAAAAAB7InU2NCI6eyJkdHlwZSI6IlU2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzAsOF19" +
    "LCJpNjQiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwiZjY0Ijp7" +
    "ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbMTYsNDBdfSwidTMyIjp7ImR0eXBl" +
    "IjoiVTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDRdfSwiaTMyIjp7ImR0eXBlIjoiSTMy" +
    "Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNDQsNTJdfSwiYmYxNiI6eyJkdHlwZSI6IkJGMTYiLCJz" +
    "aGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls1Miw1OF19LCJmMTYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6" +
    "WzZdLCJkYXRhX29mZnNldHMiOls1OCw3MF19LCJ1MTYiOnsiZHR5cGUiOiJVMTYiLCJzaGFwZSI6WzFdLCJk" +
    "YXRhX29mZnNldHMiOls3MCw3Ml19LCJpMTYiOnsiZHR5cGUiOiJJMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29m" +
    "ZnNldHMiOls3Miw3Nl19LCJmOCI6eyJkdHlwZSI6IkY4X0U0TTMiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNl" +
    "dHMiOls3Niw3OF19LCJpOCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNzgs" +
    "ODBdfSwib2RkIjp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls4MCw4MV19LCJ1" +
    "OCI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbODEsODNdfSwiYm9vbCI6eyJk" +
    "dHlwZSI6IkJPT0wiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls4Myw4NV19fSAgIP//////////ewAA" +
    "AAAAAACamZmZmZm5P5x1AIg85Df+AAAAAAAAED7/////AAAAgAEAAAGAP809Yv9mLv/7AQAAfACA/wP//wCA" +
    "BQA4QIB/AQD/AQA=",
);

/** What numpy makes of the numbers of MIXED as float32. */
const MIXED_NUMBERS: Record<string, number[]> = {
  f64: [0.10000000149011612, -Infinity, 9.313225746154785e-10],
  f16: [0.0999755859375, -65504, 5.960464477539063e-8, Infinity, -0, 0.00006097555160522461],
  bf16: [1, 0.10009765625, -3.00405527047391e38],
  bool: [1, 0],
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 5],
  u16: [65535],
  i32: [-2147483648, 16777216],
  u32: [4294967296],
  i64: [123],
  u64: [18446744073709552000],
};

const floats: Record<string, Tensor> = {
  "b.scale": tensor([1.5, -2, Infinity]),
  a: tensor([[1, 2], [3, 4]]),
  s: tensor(7),
  e: tensor(new Float32Array(0), [0, 3]),
};

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The same entries on an ordinary object. */
function plain<V>(record: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(record));
}

describe("readSafetensors", () => {
  it("reads a file of Python's safetensors", () => {
    const { tensors, metadata } = readSafetensors(FLOATS);
    assertEquals(plain(tensors), floats);
    assertEquals(plain(metadata), { format: "np" });
  });

  for (const [name, numbers] of Object.entries(MIXED_NUMBERS)) {
    it(`reads ${name} as numpy converts it`, () => {
      const { tensors } = readSafetensors(MIXED, { prefix: name });
      assertEquals([...tensors[""].data], numbers);
      assertEquals(tensors[""].shape, name === "i64" ? [] : [numbers.length]);
    });
  }

  it("reads every half as its definition says", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const entry = { dtype: "F16", shape: [65536], data_offsets: [0, 131072] };
    const file = safetensorsFile({ h: entry }, new Uint8Array(bits.buffer));
    const { data } = readSafetensors(file).tensors.h;
    for (const i of bits) {
      const exponent = (i >> 10) & 31;
      const fraction = i & 1023;
      const finite = exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25);
      const size = exponent < 31 ? finite : fraction === 0 ? Infinity : NaN;
      assertStrictEquals(data[i], i & 0x8000 ? -size : size);
    }
  });

  it("rounds 64-bit integers once", () => {
    // 2^60 + 2^36 is in the middle of two float32s; a float64 does not hold what lies beside it.
    const middle = 2n ** 60n + 2n ** 36n;
    const near = [middle - 1n, middle, middle + 1n, 2n ** 53n - 1n, 2n ** 53n + 2n ** 29n + 1n];
    const integers = BigInt64Array.from([...near, ...near.map((integer) => -integer)]);
    const expected = [2 ** 60, 2 ** 60, 2 ** 60 + 2 ** 37, 2 ** 53, 2 ** 53 + 2 ** 30];
    for (
      const [dtype, list] of [["I64", integers], ["U64", integers.slice(0, near.length)]] as const
    ) {
      const size = list.byteLength;
      const entry = { dtype, shape: [list.length], data_offsets: [0, size] };
      const file = safetensorsFile({ i: entry }, new Uint8Array(list.buffer));
      const both = [...expected, ...expected.map((number) => -number)];
      assertEquals([...readSafetensors(file).tensors.i.data], both.slice(0, list.length));
    }
  });

  it("reads every byte but 0 of a boolean as 1", () => {
    const entry = { dtype: "BOOL", shape: [3], data_offsets: [0, 3] };
    const file = safetensorsFile({ b: entry }, Uint8Array.of(0, 255, 2));
    assertEquals([...readSafetensors(file).tensors.b.data], [0, 1, 1]);
  });

  it("takes only what starts with a prefix, by the rest of its name", () => {
    const file = writeSafetensors({ "a.x": tensor([1]), "a.y": tensor([2]), b: tensor([3]) });
    const { tensors } = readSafetensors(file, { prefix: "a." });
    assertEquals(plain(tensors), { x: tensor([1]), y: tensor([2]) });
  });

  it("views aligned float32 data and copies the rest", () => {
    assertStrictEquals(readSafetensors(FLOATS).tensors.a.data.buffer, FLOATS.buffer);
    const moved = new Uint8Array(FLOATS.length + 1).subarray(1);
    moved.set(FLOATS);
    const copy = moved.slice();
    const { tensors } = readSafetensors(moved);
    assertEquals(plain(tensors), floats);
    assert(tensors.a.data.buffer !== moved.buffer);
    tensors.a.data.fill(NaN);
    assertEquals(moved, copy);
  });

  it("reads a part of a larger buffer, and shared memory", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(FLOATS.length + 24)).subarray(16, -8);
    shared.set(FLOATS);
    assertEquals(plain(readSafetensors(shared).tensors), floats);
  });

  it("keeps names that objects have of their own", () => {
    const names = ["__proto__", "constructor", "toString", "0", ""];
    const tensors = Object.fromEntries(names.map((name, i) => [name, tensor([i])]));
    const read = readSafetensors(writeSafetensors(tensors, { ["__proto__"]: "text" }));
    assertEquals(Object.keys(read.tensors).sort(), [...names].sort());
    names.forEach((name, i) => assertEquals(read.tensors[name], tensor([i])));
    assertEquals(Object.entries(read.metadata), [["__proto__", "text"]]);
    assertStrictEquals(read.tensors.valueOf, undefined);
  });

  it("reads a file of 200 000 tensors", () => {
    const count = 200_000;
    const entries = Array.from(
      { length: count },
      (_, i) => `"${i}":{"dtype":"F32","shape":[1],"data_offsets":[${4 * i},${4 * i + 4}]}`,
    );
    const data = new Uint8Array(Float32Array.from({ length: count }, (_, i) => i).buffer);
    const { tensors } = readSafetensors(safetensorsFile(`{${entries.join()}}`, data));
    assertEquals([tensors[0], tensors[count - 1]], [tensor([0]), tensor([count - 1])]);
  });

  it("reads a file of nothing", () => {
    for (const header of [{}, { __metadata__: null }, { __metadata__: {} }]) {
      const { tensors, metadata } = readSafetensors(safetensorsFile(header));
      assertEquals([Object.keys(tensors), Object.keys(metadata)], [[], []]);
    }
  });
});

describe("writeSafetensors", () => {
  it("writes what Python's safetensors writes", () => {
    assertEquals(writeSafetensors(floats, { format: "np" }), FLOATS);
  });

  it("writes a part of a larger array, and leaves it as it is", () => {
    const larger = new Float32Array([0, 1, 2, 3]);
    const part = { shape: [2], data: larger.subarray(1, 3) };
    const { tensors } = readSafetensors(writeSafetensors({ part }));
    assertEquals(tensors.part, tensor([1, 2]));
    tensors.part.data.fill(9);
    assertEquals(larger, new Float32Array([0, 1, 2, 3]));
  });

  it("is undone by readSafetensors, bit by bit", () => {
    const bits = fc.uint32Array({ maxLength: 12 });
    const tensors = fc.array(
      fc.tuple(fc.string({ unit: "grapheme" }), bits, fc.constantFrom(1, 2, 3)),
      { maxLength: 6 },
    ).map((entries) =>
      Object.fromEntries(
        entries.filter(([name]) => name !== "__metadata__").map(([name, words, columns]) => {
          const rows = Math.floor(words.length / columns);
          const data = new Float32Array(words.buffer, words.byteOffset, rows * columns);
          return [name, { shape: [rows, columns], data }];
        }),
      )
    );
    const texts = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(tensors, texts, (given, metadata) => {
        const file = writeSafetensors(given, metadata);
        const read = readSafetensors(file);
        assertEquals(Object.keys(read.tensors).sort(), Object.keys(given).sort());
        for (const [name, { shape, data }] of Object.entries(given)) {
          assertEquals(read.tensors[name].shape, shape);
          assertEquals(wordsOf(read.tensors[name].data), wordsOf(data));
        }
        assertEquals(plain(read.metadata), plain(metadata));
        assertEquals(writeSafetensors(read.tensors, read.metadata), file);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

function wordsOf({ buffer, byteOffset, length }: Float32Array): number[] {
  return [...new Uint32Array(buffer, byteOffset, length)];
}
