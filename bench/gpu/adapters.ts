/**
 * Keeps adapters from being collected. Deno 2.9.6 ends the process when a device is asked for the name
 * of its adapter after that: by us, and by the other libraries, which keep none.
 *
 * @module
 */

const adapters = new Set<GPUAdapter>();

/** Keeps those of everything in this process that asks for one from now on. */
export function keepAdapters(): void {
  if (navigator.gpu === undefined) return;
  const request = navigator.gpu.requestAdapter.bind(navigator.gpu);
  navigator.gpu.requestAdapter = async (options) => {
    const adapter = await request(options);
    if (adapter !== null) adapters.add(adapter);
    return adapter;
  };
}
