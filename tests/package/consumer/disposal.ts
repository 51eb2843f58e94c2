/**
 * `using` with what a runtime gives, in a program whose library has it.
 *
 * @module
 */
import {
  createRuntime,
  layerNorm,
  type ResidentTensor,
  type Runtime,
  type RuntimeScope,
  tensor,
} from "@kernorm/kernorm";

/** Computes in a scope of a runtime that ends with the call. */
export async function total(): Promise<number> {
  await using runtime: Runtime = await createRuntime({ backend: "wasm" });
  using x: ResidentTensor = runtime.tensor([1, 2]);
  x.data.set([1, 3]);
  using scope: RuntimeScope = runtime.scope();
  const y = await layerNorm(x, {}, { runtime: scope });
  return y.data.reduce((sum, value) => sum + value);
}

// @ts-expect-error -- a plain tensor has no memory to give back
export const wrong: Disposable = tensor([1]);
