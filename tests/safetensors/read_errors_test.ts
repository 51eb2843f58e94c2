import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { readSafetensors, tensor, writeSafetensors } from "../../mod.ts";
import { safetensorsFile } from "./file.ts";

/** Two tensors of two numbers each. */
const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const next = { dtype: "F32", shape: [2], data_offsets: [8, 16] };
const data = new Uint8Array(16);
const known = "F32, F64, F16, BF16, BOOL, U8, I8, U16, I16, U32, I32, U64, I64";

/** A file of `entry` with changes, and 8 bytes of data. */
const changed = (changes: object) =>
  safetensorsFile({ a: { ...entry, ...changes } }, data.subarray(8));

type Case = [what: string, file: unknown, type: typeof TypeError | typeof RangeError, text: string];

const files: Case[] = [
  ["nothing", new Uint8Array(0), RangeError, "the file must have 8 bytes or more, got 0"],
  ["half a length", new Uint8Array(7), RangeError, "the file must have 8 bytes or more, got 7"],
  ["text", "file", TypeError, 'bytes must be a Uint8Array, got "file"'],
  ["a buffer", new ArrayBuffer(8), TypeError, "bytes must be a Uint8Array, got an object"],
  [
    "a header that is cut off",
    safetensorsFile({}, new Uint8Array(0), 3n),
    RangeError,
    "the header must have 2 bytes or less, got 3",
  ],
  [
    "the largest length",
    safetensorsFile({}, new Uint8Array(0), 2n ** 64n - 1n),
    RangeError,
    "the header must have 2 bytes or less, got 18446744073709552000",
  ],
  [
    "a header above the limit",
    safetensorsFile("", new Uint8Array(100_000_001), 100_000_001n),
    RangeError,
    "the header must have 100000000 bytes or less, got 100000001",
  ],
  [
    "an empty header",
    safetensorsFile(""),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ],
  [
    "a header that is no JSON",
    safetensorsFile("{'a': 1}"),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ],
  [
    "a header that is no UTF-8",
    safetensorsFile('{"', new Uint8Array([0xff, 0x22, 0x7d]), 5n),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ],
  [
    "a header with a byte order mark",
    safetensorsFile("\ufeff{}"),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ],
  [
    "a header that is an array",
    safetensorsFile([]),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ],
  [
    "a header behind a space",
    safetensorsFile(" {}"),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ],
  [
    "an entry nested a million times",
    safetensorsFile(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`),
    TypeError,
    'the entry of "a" must be an object, got an array',
  ],
  [
    "a name that occurs twice",
    safetensorsFile(`{"a":${JSON.stringify(entry)},"a":${JSON.stringify(next)}}`, data),
    TypeError,
    'the header must name everything once, got "a" twice',
  ],
  [
    "a name that occurs twice, once with an escape",
    safetensorsFile(`{"a":${JSON.stringify(entry)}, "\\u0061" :${JSON.stringify(next)}}`, data),
    TypeError,
    'the header must name everything once, got "a" twice',
  ],
  [
    "the name __proto__ twice",
    safetensorsFile(
      `{"__proto__":${JSON.stringify(entry)},"__proto__":${JSON.stringify(next)}}`,
      data,
    ),
    TypeError,
    'the header must name everything once, got "__proto__" twice',
  ],
  [
    "a key that an entry has twice",
    safetensorsFile(
      '{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}}',
      data.subarray(8),
    ),
    TypeError,
    'the entry of "a" must name everything once, got a key twice',
  ],
  [
    "a text that the metadata have twice",
    safetensorsFile('{"__metadata__":{"epoch":"1","epoch":"2"}}'),
    TypeError,
    'the entry of "__metadata__" must name everything once, got a key twice',
  ],
  ...[
    '{"a":}',
    '{"a":1,}',
    '{"a" 1}',
    '{"a":1}}',
    '{"a":1',
    '{"a":[1}}',
    '{"a":{"b":[}]}}',
    '{"a',
    '{"a\\"',
    '{"a":"\n"}',
    "{a:1}",
    '{"a":1 2}',
    '{"a":01}',
  ].map((text): Case => [
    `a header of ${text}`,
    safetensorsFile(text),
    TypeError,
    "the header must be a JSON object in UTF-8, got another text",
  ]),
  [
    "a name of half a character, which other readers refuse",
    safetensorsFile(
      '{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      data.subarray(8),
    ),
    TypeError,
    'a name must have no lone surrogates, got "\\ud800"',
  ],
  [
    "an entry that is none",
    safetensorsFile({ a: null }),
    TypeError,
    'the entry of "a" must be an object, got null',
  ],
  [
    "a dtype that is none",
    changed({ dtype: { constructor: { name: [[[]]] } } }),
    TypeError,
    'dtype of "a" must be a string, got an object',
  ],
  [
    "a dtype that does not become float32",
    changed({ dtype: "F8_E4M3", shape: [8] }),
    TypeError,
    `dtype of "a" must be one of ${known}, got "F8_E4M3"`,
  ],
  ["no shape", changed({ shape: 2 }), TypeError, 'shape of "a" must hold integers >= 0, got 2'],
  [
    "half an extent",
    changed({ shape: [0.5, 4] }),
    TypeError,
    'shape of "a" must hold integers >= 0, got an array',
  ],
  [
    "negative extents",
    changed({ shape: [-1, -2] }),
    TypeError,
    'shape of "a" must hold integers >= 0, got an array',
  ],
  [
    "an extent of -0",
    safetensorsFile('{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}'),
    TypeError,
    'shape of "a" must hold integers >= 0, got an array',
  ],
  [
    "an offset of -0",
    safetensorsFile('{"a":{"dtype":"F32","shape":[0],"data_offsets":[-0,0]}}'),
    TypeError,
    'data_offsets of "a" must be two integers >= 0, got an array',
  ],
  [
    "one offset",
    changed({ data_offsets: [0] }),
    TypeError,
    'data_offsets of "a" must be two integers >= 0, got an array',
  ],
  [
    "a negative offset",
    changed({ data_offsets: [-8, 0] }),
    TypeError,
    'data_offsets of "a" must be two integers >= 0, got an array',
  ],
  [
    "an offset in words",
    changed({ data_offsets: ["0", "8"] }),
    TypeError,
    'data_offsets of "a" must be two integers >= 0, got an array',
  ],
  [
    "a shape that does not fit the data",
    changed({ shape: [3] }),
    TypeError,
    'data of "a" must be 12 bytes for its shape and F32, got 8',
  ],
  [
    "a dtype that does not fit the data",
    changed({ dtype: "F64" }),
    TypeError,
    'data of "a" must be 16 bytes for its shape and F64, got 8',
  ],
  [
    "a shape of 2^106 elements",
    changed({ shape: [2 ** 53 - 1, 2 ** 53 - 1] }),
    TypeError,
    'data of "a" must be 3.2451855365842665e+32 bytes for its shape and F32, got 8',
  ],
  [
    "data behind the end",
    safetensorsFile({ a: { ...entry, shape: [4], data_offsets: [0, 16] } }, new Uint8Array(15)),
    RangeError,
    'data of "a" must end from byte 0 to 15, got 16',
  ],
  [
    "elements of four bits",
    changed({ dtype: "F4", data_offsets: [0, 8], shape: [] }),
    TypeError,
    `dtype of "a" must be one of ${known}, got "F4"`,
  ],
  [
    "data that end before they begin",
    safetensorsFile({ a: entry, b: { ...next, dtype: "F4", data_offsets: [8, 4] } }, data),
    RangeError,
    'data of "b" must end from byte 8 to 16, got 4',
  ],
  [
    "an overlap",
    safetensorsFile({ a: entry, b: { ...next, data_offsets: [4, 12] } }, data),
    RangeError,
    'data of "b" must begin at byte 8, got 4',
  ],
  [
    "the same data twice",
    safetensorsFile({ a: entry, b: entry }, data.subarray(8)),
    RangeError,
    'data of "b" must begin at byte 8, got 0',
  ],
  [
    "a hole",
    safetensorsFile({ b: { ...next, data_offsets: [12, 20] }, a: entry }, new Uint8Array(20)),
    RangeError,
    'data of "b" must begin at byte 8, got 12',
  ],
  [
    "data of nothing in the end",
    safetensorsFile({ a: entry }, data),
    RangeError,
    "the last data must end at byte 16, got 8",
  ],
  [
    "metadata that are none",
    safetensorsFile({ __metadata__: ["pt"] }),
    TypeError,
    "__metadata__ must be an object, got an array",
  ],
  [
    "a number in the metadata",
    safetensorsFile({ __metadata__: { epoch: 3 } }),
    TypeError,
    '__metadata__ of "epoch" must be text, got 3',
  ],
  [
    "a long name",
    safetensorsFile({ ["x".repeat(1e6)]: 1 }),
    TypeError,
    `the entry of "${"x".repeat(60)}..." must be an object, got 1`,
  ],
];

describe("readSafetensors", () => {
  for (const [what, file, type, text] of files) {
    it(`refuses ${what}`, () => {
      const { message } = assertThrows(() => readSafetensors(file as Uint8Array), type);
      assertEquals(message, `Cannot read safetensors: ${text}`);
    });
  }

  it("refuses unknown options", () => {
    const file = safetensorsFile({});
    const texts = [{ names: ["a"] }, { prefix: 1 }].map((options) =>
      assertThrows(() => readSafetensors(file, options as object), TypeError).message
    );
    assertEquals(texts, [
      "Cannot read safetensors: options must have keys among prefix, got names",
      "Cannot read safetensors: prefix must be a string, got 1",
    ]);
  });

  it("skips element types that it does not know where they are not asked for", () => {
    const b = { dtype: "F8_E4M3", shape: [8], data_offsets: [8, 16] };
    const { tensors } = readSafetensors(safetensorsFile({ a: entry, b }, data), { prefix: "a" });
    assertEquals(Object.keys(tensors), [""]);
  });

  it("gives a tensor that fits or a clear error, whatever the header holds", () => {
    const size = fc.oneof(fc.nat(20), fc.integer(), fc.double(), fc.anything());
    const any = fc.record({
      dtype: fc.oneof(fc.constantFrom(...known.split(", "), "F8_E4M3", "f32"), fc.anything()),
      shape: fc.oneof(fc.array(size, { maxLength: 3 }), fc.anything()),
      data_offsets: fc.oneof(fc.tuple(size, size), fc.anything()),
    }, { requiredKeys: [] });
    const near = fc.tuple(fc.constantFrom("U8", "F16", "F32", "F64"), fc.nat(3), fc.nat(24)).map(
      ([dtype, n, begin]) => {
        const bytes = n * { U8: 1, F16: 2, F32: 4, F64: 8 }[dtype]!;
        return { dtype, shape: [n], data_offsets: [begin, begin + bytes] };
      },
    );
    const header = fc.dictionary(fc.string(), fc.oneof(near, any, fc.anything()), { maxKeys: 4 });
    let read = 0;
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 24 }), (header, data) => {
        read += survives(safetensorsFile(textOf(header), data)) ? 1 : 0;
      }),
      { numRuns: 3000, seed: 7 },
    );
    assert(read > 0);
  });

  it("gives tensors that fit or a clear error, whatever bytes of a file are changed", () => {
    const file = writeSafetensors({ a: tensor([[1, 2]]), b: tensor([3]) }, { format: "pt" });
    const changes = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(changes, fc.nat(file.length), fc.nat(3), (changes, cut, unaligned) => {
        const whole = new Uint8Array(unaligned + file.length).subarray(unaligned);
        whole.set(file);
        for (const [at, byte] of changes) whole[at] = byte;
        survives(whole.subarray(0, cut > file.length / 2 ? file.length : cut));
      }),
      { numRuns: 5000, seed: 7 },
    );
  });

  it("gives tensors that fit or a clear error of any bytes", () => {
    const length = fc.bigInt({ min: 0n, max: 80n });
    fc.assert(
      fc.property(length, fc.uint8Array({ maxLength: 64 }), (length, bytes) => {
        survives(safetensorsFile("{", bytes, length));
        survives(bytes);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });
});

/** Reads a file: what comes out fits, and what is thrown says why. */
function survives(file: Uint8Array): boolean {
  try {
    const { tensors } = readSafetensors(file);
    for (const { shape, data } of Object.values(tensors)) {
      assert(data instanceof Float32Array);
      assertEquals(data.length, shape.reduce((size, extent) => size * extent, 1));
    }
    return true;
  } catch (error) {
    assert(error instanceof TypeError || error instanceof RangeError, String(error));
    assertStringIncludes(error.message, "Cannot read safetensors: ");
    return false;
  }
}

/** JSON of what is no JSON: what it has no words for is left out. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? `${inner}` : inner);
  } catch {
    return "{}";
  }
}
