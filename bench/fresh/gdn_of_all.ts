/**
 * A program whose only call is `gdn`, by the entry that has everything.
 *
 * @module
 */
import { createRuntime, gdn, initGdn, tensor } from "../../mod.ts";

const CHANNELS = 32;

/** Opens a runtime and makes the call. */
export async function run(): Promise<void> {
  await using runtime = await createRuntime({ backend: "wasm" });
  const x = tensor(new Float32Array(64 * CHANNELS).fill(1), [1, 8, 8, CHANNELS]);
  await gdn(x, initGdn(CHANNELS), { runtime });
}
