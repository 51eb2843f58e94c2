/**
 * The header of a file: its text, its entries, and the bytes that they cover.
 *
 * @module
 */
import { sizeOf } from "../tensor/shape.ts";
import { check, checkTexts, isText, MAX_HEADER, METADATA, quoted } from "./checks.ts";
import { ELEMENT_TYPES } from "./elements.ts";
import { membersOf, RepeatedKey } from "./json.ts";

/** What reading does, for messages. */
export const READ = "read safetensors";

/** A tensor in a file; its data are from `begin` to before `end`, in bytes behind the header. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The length of the header, which the first 8 bytes say. */
export function headerLength(bytes: Uint8Array): number {
  check(bytes.length >= 8, READ, "the file", "have 8 bytes or more", bytes.length, RangeError);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = Number(view.getBigUint64(0, true));
  const limit = Math.min(MAX_HEADER, bytes.length - 8);
  check(length <= limit, READ, "the header", `have ${limit} bytes or less`, length, RangeError);
  return length;
}

/** The members of the header, by their names. */
export function headerOf(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  try {
    // A copy, since text is not decoded from shared memory everywhere.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.slice());
    if (text.startsWith("{")) return membersOf(text);
  } catch (error) {
    if (error instanceof RepeatedKey) {
      const where = error.inside ? `the entry of ${quoted(error.key)}` : "the header";
      const what = error.inside ? "a key" : quoted(error.key);
      throw new TypeError(`Cannot ${READ}: ${where} must name everything once, got ${what} twice`);
    }
    // Others are refused below, as is another beginning.
  }
  throw new TypeError(
    `Cannot ${READ}: the header must be a JSON object in UTF-8, got another text`,
  );
}

/** The entry of a tensor. */
export function entryOf(name: string, info: unknown): Entry {
  // An escape in JSON can stand for half of a character, which no file can hold as a name.
  check(isText(name), READ, "a name", "have no lone surrogates", name);
  const of = (what: string) => () => `${what} of ${quoted(name)}`;
  check(isRecord(info), READ, of("the entry"), "be an object", info);
  const { dtype, shape, data_offsets: offsets } = info;
  check(typeof dtype === "string", READ, of("dtype"), "be a string", dtype);
  check(isShape(shape), READ, of("shape"), "hold integers >= 0", shape);
  const isRange = isShape(offsets) && offsets.length === 2;
  check(isRange, READ, of("data_offsets"), "be two integers >= 0", offsets);
  const [begin, end] = offsets;
  const size = ELEMENT_TYPES.get(dtype)?.size;
  if (size !== undefined) {
    const rule = () => `be ${sizeOf(shape) * size} bytes for its shape and ${dtype}`;
    check(end - begin === sizeOf(shape) * size, READ, of("data"), rule, end - begin);
  }
  return { name, dtype, shape, begin, end };
}

/** Checks that the data follow upon each other from the first byte to the last. */
export function checkCovered(entries: readonly Entry[], size: number): void {
  let next = 0;
  for (
    const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)
  ) {
    const what = () => `data of ${quoted(name)}`;
    check(begin === next, READ, what, () => `begin at byte ${next}`, begin, RangeError);
    const inside = end >= begin && end <= size;
    check(inside, READ, what, () => `end from byte ${begin} to ${size}`, end, RangeError);
    next = end;
  }
  check(next === size, READ, "the last data", `end at byte ${size}`, next, RangeError);
}

/** The texts of the entry that holds no tensor. */
export function metadataOf(texts: unknown): Record<string, string> {
  check(isRecord(texts), READ, METADATA, "be an object", texts);
  checkTexts(READ, METADATA, Object.entries(texts));
  return Object.assign(Object.create(null), texts);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isShape(value: unknown): value is number[] {
  // JSON has a -0, which passes for an integer and is not below 0.
  const isSize = (size: unknown) =>
    Number.isSafeInteger(size) && (size as number) >= 0 && !Object.is(size, -0);
  return Array.isArray(value) && value.every(isSize);
}
