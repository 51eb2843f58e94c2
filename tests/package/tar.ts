/**
 * Reads archives as `deno publish` sends them and `deno pack` writes them.
 *
 * @module
 */
const BLOCK = 512;

/**
 * The files of a compressed archive.
 *
 * @param archive Bytes of a gzipped tar file.
 * @returns The content of each file by its path, in the order of the archive.
 */
export async function readTar(
  archive: Uint8Array<ArrayBuffer>,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const unzipped = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(unzipped).arrayBuffer());
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let at = 0;
  // The archive ends with blocks of zeros.
  while (at < bytes.length && bytes[at] !== 0) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = parseInt(text(header, 124, 12), 8);
    const kind = text(header, 156, 1);
    if (kind === "0" || kind === "") {
      const folder = text(header, 345, 155);
      const name = text(header, 0, 100);
      files.set(
        folder === "" ? name : `${folder}/${name}`,
        bytes.slice(at + BLOCK, at + BLOCK + size),
      );
    }
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return files;
}

/** A field of a header, up to the zero that ends it. */
function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).trim();
}
