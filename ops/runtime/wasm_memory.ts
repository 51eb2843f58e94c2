/** A WebAssembly memory and the view through which it is filled and read. */
export interface WasmMemory {
  readonly memory: WebAssembly.Memory;
  floats: Float32Array;
}

const PAGE = 65536;

/**
 * gpu.js declares the memory of a kernel with 16 spare pages and a maximum of 4096 (256 MiB), or of
 * what it needs where that is more; a memory must be declared no wider than its modules.
 */
const SPARE_PAGES = 16;
const SHARED_PAGES = 4096;

/** Addresses beyond 2 GiB would be negative constants in the kernels' code. */
const MAX_BYTES = 2 ** 31 - SPARE_PAGES * PAGE;

/** A small memory that {@linkcode fitMemory} lets grow to 256 MiB. */
export function createScratch(): WasmMemory {
  return wrap(new WebAssembly.Memory({ initial: SPARE_PAGES, maximum: SHARED_PAGES }));
}

/**
 * A memory that holds `bytes`: the scratch memory, grown where it is too small, or one of its own
 * for a program too large for it, which then lives as long as the program.
 *
 * @throws {RangeError} If `bytes` is more than a WebAssembly kernel can address.
 */
export function fitMemory(scratch: WasmMemory, bytes: number): WasmMemory {
  if (!(bytes <= MAX_BYTES)) {
    throw new RangeError(
      `Cannot run on wasm: the tensors of one plan must fit in ${MAX_BYTES} bytes, got ${bytes}`,
    );
  }
  const pages = Math.ceil(bytes / PAGE) + SPARE_PAGES;
  if (pages > SHARED_PAGES) {
    return wrap(new WebAssembly.Memory({ initial: pages, maximum: pages }));
  }
  const missing = pages - scratch.memory.buffer.byteLength / PAGE;
  if (missing > 0) {
    scratch.memory.grow(missing);
    scratch.floats = new Float32Array(scratch.memory.buffer);
  }
  return scratch;
}

function wrap(memory: WebAssembly.Memory): WasmMemory {
  return { memory, floats: new Float32Array(memory.buffer) };
}
