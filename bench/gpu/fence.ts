/**
 * Waiting for a device: a few bytes are copied after all that it was given before, and read. Errors
 * that nobody has asked about come to light here: a device drops commands that are wrong, and what does
 * nothing is fast.
 *
 * @module
 */

const BYTES = 4;

/** A wait, which rejects if the device met an error since the last one. */
type Fence = () => Promise<void>;

const fences = new WeakMap<GPUDevice, Fence>();

/** The wait for all that the queue of a device has been given. */
export function fenceOf(device: GPUDevice): Fence {
  const known = fences.get(device);
  if (known !== undefined) return known;
  const made = newFence(device);
  fences.set(device, made);
  return made;
}

function newFence(device: GPUDevice): Fence {
  const errors: string[] = [];
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    errors.push((event as GPUUncapturedErrorEvent).error.message);
  });
  const { COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const from = device.createBuffer({ size: BYTES, usage: COPY_SRC });
  const to = device.createBuffer({ size: BYTES, usage: COPY_DST | MAP_READ });
  return async () => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, BYTES);
    device.queue.submit([encoder.finish()]);
    await to.mapAsync(GPUMapMode.READ);
    to.unmap();
    if (errors.length > 0) throw new Error(`the device says: ${errors.splice(0)[0]}`);
  };
}
