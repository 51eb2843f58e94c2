/**
 * A program whose only call is `gdn`, by the entries that it needs.
 *
 * @module
 */
import { gdn, initGdn } from "../../ops/gdn/mod.ts";
import { createRuntime } from "../../ops/runtime/mod.ts";
import { tensor } from "../../ops/tensor/mod.ts";

const CHANNELS = 32;

/** Opens a runtime and makes the call. */
export async function run(): Promise<void> {
  await using runtime = await createRuntime({ backend: "wasm" });
  const x = tensor(new Float32Array(64 * CHANNELS).fill(1), [1, 8, 8, CHANNELS]);
  await gdn(x, initGdn(CHANNELS), { runtime });
}
