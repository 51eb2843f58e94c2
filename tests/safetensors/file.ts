/**
 * Files in the safetensors format put together by hand, right or wrong.
 *
 * @module
 */

/** A file of a header, as text or what JSON makes of it, and data; `length` may lie. */
export function safetensorsFile(
  header: unknown,
  data: Uint8Array = new Uint8Array(0),
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  return file;
}
