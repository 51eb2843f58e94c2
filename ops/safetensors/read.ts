/**
 * Tensors out of files in the safetensors format.
 *
 * @module
 */
import { checkArguments, checkKeys, readable } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor/types.ts";
import { check, METADATA, quoted } from "./checks.ts";
import { ELEMENT_TYPES } from "./elements.ts";
import {
  checkCovered,
  type Entry,
  entryOf,
  headerLength,
  headerOf,
  metadataOf,
  READ,
} from "./header.ts";

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
 * @throws {TypeError} If there is no header, a name in it is no text or occurs twice, a tensor does not
 * fit its bytes, or one that is taken has elements that do not become float32, such as `F8_E4M3`.
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
    check(
      type !== undefined,
      READ,
      () => `dtype of ${quoted(name)}`,
      () => `be one of ${[...ELEMENT_TYPES.keys()].join(", ")}`,
      dtype,
    );
    const at = bytes.byteOffset + start + begin;
    const data = dtype === "F32" && at % 4 === 0
      ? new Float32Array(bytes.buffer, at, (end - begin) / 4)
      : type.numbers(new Uint8Array(view(bytes, start + begin, end - begin)).buffer);
    tensors[name.slice(prefix.length)] = { shape, data };
  }
  return { tensors, metadata };
}

/** A part of the file; unlike `subarray`, never of a class of the caller's. */
function view(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}
