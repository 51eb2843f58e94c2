/**
 * Tensors into files in the safetensors format.
 *
 * @module
 */
import { checkArguments, fieldsOf } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import type { Tensor } from "../tensor/types.ts";
import { check, checkTexts, isText, MAX_HEADER, METADATA, quoted } from "./checks.ts";

const WRITE = "write safetensors";

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
