/**
 * Tensors out of and into files in the safetensors format.
 *
 * @module
 */
import { checkArguments, checkKeys, fieldsOf, readable } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/types.ts";
import { ELEMENT_TYPES } from "./elements.ts";
import { membersOf, RepeatedKey } from "./json.ts";

/** What a file holds. The records have no prototype. */
export interface Safetensors {
  /** Tensors by name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options for {@linkcode readSafetensors}. */
export interface ReadSafetensorsOptions {
  /** Take only tensors whose names start so, by the rest of their names. @default {""} */
  readonly prefix?: string;
}

/** A tensor in a file; its data are from `begin` to before `end`, in bytes behind the header. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const READ = "read safetensors";
const WRITE = "write safetensors";
const METADATA = "__metadata__";
const MAX_HEADER = 100_000_000;
const MAX_SHOWN = 60;
const KNOWN_TYPES = `be one of ${[...ELEMENT_TYPES.keys()].join(", ")}`;

/**
 * Reads a file in the safetensors format: 8 bytes with the length of the header, a header in JSON with
 * the element type, shape and range of bytes of each tensor, and the data.
 *
 * float32 data that are aligned in memory are not copied: the tensor is a view of `bytes`. Other floats,
 * integers and booleans become float32, rounded where they do not fit. The whole header is checked,
 * whatever `prefix` is: data must fit their shapes, and neither overlap nor leave holes.
 *
 * Source: format of huggingface/safetensors.
 *
 * @param bytes The file. Not modified.
 * @param options Which tensors to take.
 * @returns The tensors and the file's metadata.
 * @throws {TypeError} If there is no header, a name occurs twice in it, a tensor does not fit its bytes, or
 * one that is taken has elements that do not become float32, such as `F8_E4M3`.
 * @throws {RangeError} If a length or an offset is out of the file, or the data overlap or leave a hole.
 *
 * @example Usage
 * ```ts
 * import { batchNormFromPyTorch, readSafetensors, tensor, writeSafetensors } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const file = writeSafetensors({
 *   "bn1.weight": tensor([1, 2]),
 *   "bn1.bias": tensor([0, 1]),
 *   "bn1.running_mean": tensor([3, 4]),
 *   "bn1.running_var": tensor([5, 6]),
 *   "fc.weight": tensor([[7, 8]]),
 * });
 * const { tensors } = readSafetensors(file, { prefix: "bn1." });
 * assertEquals(batchNormFromPyTorch(tensors).params.gamma, tensor([1, 2]));
 * ```
 */
export function readSafetensors(
  bytes: Uint8Array,
  options: ReadSafetensorsOptions = {},
): Safetensors {
  checkArguments(READ, arguments, 2);
  const { prefix = "" } = checkKeys(READ, "options", options, { prefix: true });
  check(typeof prefix === "string", READ, "prefix", "be a string", prefix);
  // A proxy of a Uint8Array is an instance of its class, and cannot be read as one.
  const isBytes = readable(
    READ,
    "bytes",
    () => ArrayBuffer.isView(bytes) && bytes instanceof Uint8Array,
  );
  check(isBytes, READ, "bytes", "be a Uint8Array", bytes);
  const start = 8 + headerLength(bytes);
  const entries: Entry[] = [];
  let metadata: Readonly<Record<string, string>> = Object.create(null);
  for (const [name, info] of headerOf(view(bytes, 8, start - 8))) {
    if (name === METADATA) metadata = metadataOf(info ?? {});
    else entries.push(entryOf(name, info));
  }
  checkCovered(entries, bytes.length - start);
  const tensors = Object.create(null);
  for (const { name, dtype, shape, begin, end } of entries) {
    if (!name.startsWith(prefix)) continue;
    const type = ELEMENT_TYPES.get(dtype);
    check(type !== undefined, READ, () => `dtype of ${quoted(name)}`, KNOWN_TYPES, dtype);
    const at = bytes.byteOffset + start + begin;
    const data = dtype === "F32" && at % 4 === 0
      ? new Float32Array(bytes.buffer, at, (end - begin) / 4)
      : type.numbers(new Uint8Array(view(bytes, start + begin, end - begin)).buffer);
    tensors[name.slice(prefix.length)] = { shape, data };
  }
  return { tensors, metadata };
}

/**
 * Writes tensors into a file in the safetensors format, as `F32`, in the order of their names. The
 * header is padded so that the data are aligned.
 *
 * Source: format of huggingface/safetensors.
 *
 * @param tensors Tensors by name. Not modified.
 * @param metadata Texts by name. Not modified.
 * @returns The file.
 * @throws {TypeError} If a tensor, a name or a text is none.
 * @throws {RangeError} If the header needs more than 100 MB.
 *
 * @example Usage
 * ```ts
 * import { readSafetensors, tensor, writeSafetensors } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const file = writeSafetensors({ beta: tensor([1, 2]) }, { epoch: "3" });
 * const { tensors, metadata } = readSafetensors(file);
 * assertEquals(tensors.beta, tensor([1, 2]));
 * assertEquals(metadata.epoch, "3");
 * ```
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  checkArguments(WRITE, arguments, 2);
  const header = Object.create(null);
  const texts = fieldsOf(WRITE, "metadata", metadata);
  checkTexts(WRITE, "metadata", Object.entries(texts));
  if (Object.keys(texts).length > 0) header[METADATA] = texts;
  const named = fieldsOf(WRITE, "tensors", tensors);
  const parts: Float32Array[] = [];
  let size = 0;
  for (const name of Object.keys(named).sort()) {
    check(isText(name), WRITE, "a name", "have no lone surrogates", name);
    check(name !== METADATA, WRITE, "a name", "not be that of the metadata", name);
    const x = tensorFrom(WRITE, quoted(name), named[name]);
    const end = size + x.data.byteLength;
    header[name] = { dtype: "F32", shape: [...x.shape], data_offsets: [size, end] };
    parts.push(x.data);
    size = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const rule = `have ${MAX_HEADER} bytes or less`;
  check(length <= MAX_HEADER, WRITE, "the header", rule, length, RangeError);
  const file = new Uint8Array(8 + length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(" ".charCodeAt(0), 8, 8 + length).set(text, 8);
  let at = 8 + length;
  for (const { buffer, byteOffset, byteLength } of parts) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

function headerLength(bytes: Uint8Array): number {
  check(bytes.length >= 8, READ, "the file", "have 8 bytes or more", bytes.length, RangeError);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = Number(view.getBigUint64(0, true));
  const limit = Math.min(MAX_HEADER, bytes.length - 8);
  check(length <= limit, READ, "the header", `have ${limit} bytes or less`, length, RangeError);
  return length;
}

function headerOf(bytes: Uint8Array): ReadonlyMap<string, unknown> {
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

function entryOf(name: string, info: unknown): Entry {
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
function checkCovered(entries: readonly Entry[], size: number): void {
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

function metadataOf(texts: unknown): Record<string, string> {
  check(isRecord(texts), READ, METADATA, "be an object", texts);
  checkTexts(READ, METADATA, Object.entries(texts));
  return Object.assign(Object.create(null), texts);
}

function checkTexts(action: string, what: string, texts: Iterable<[string, unknown]>): void {
  for (const [name, text] of texts) {
    check(
      isText(name) && isText(text),
      action,
      () => `${what} of ${quoted(name)}`,
      "be text",
      text,
    );
  }
}

/** A text, or how it is put together if it is needed: there may be 10^5 names. */
type Text = string | (() => string);

/** Throws unless a rule holds. */
function check(
  holds: boolean,
  action: string,
  what: Text,
  rule: Text,
  got: unknown,
  Failure: typeof TypeError | typeof RangeError = TypeError,
): asserts holds {
  if (holds) return;
  const textOf = (text: Text) => typeof text === "string" ? text : text();
  throw new Failure(
    `Cannot ${action}: ${textOf(what)} must ${textOf(rule)}, got ${shown(got)}`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Whether a value is text that UTF-8 can hold. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

/** A name as error texts show it, which in a hostile file may be long. */
function quoted(name: string): string {
  return JSON.stringify(name.length <= MAX_SHOWN ? name : `${name.slice(0, MAX_SHOWN)}...`);
}

/** A value as error texts show it; of the header's objects only what cannot be hostile. */
function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return Array.isArray(value) ? "an array" : "an object";
  } catch {
    return "an object"; // a proxy that has been revoked
  }
}

/** A part of the file; unlike `subarray`, never of a class of the caller's. */
function view(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}
