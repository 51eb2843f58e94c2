/**
 * Adapters and renderers that compute on the processor: right, but never faster than wasm.
 *
 * @module
 */

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|softpipe|software|warp|basic render/i;

/** Whether the name of a WebGPU adapter or a WebGL2 renderer is that of one in software. */
export function isSoftware(name: string): boolean {
  return SOFTWARE.test(name);
}
