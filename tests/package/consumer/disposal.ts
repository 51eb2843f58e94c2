/**
 * `using` with what a runtime or MPI gives, in a program whose library has it.
 *
 * @module
 */
import {
  createRuntime,
  layerNorm,
  type Runtime,
  type RuntimeScope,
  type RuntimeTensor,
  tensor,
} from "@kernorm/kernorm";
import { type MpiGroup, openMpi } from "@kernorm/kernorm/mpi";

/** Computes in a scope of a runtime that ends with the call. */
export async function total(): Promise<number> {
  await using runtime: Runtime = await createRuntime({ backend: "wasm" });
  using scope: RuntimeScope = runtime.scope();
  using x: RuntimeTensor = scope.zeros([1, 2]);
  x.data.set([1, 3]);
  const y: RuntimeTensor = await layerNorm(x, {}, { runtime: scope });
  return (await y.read()).reduce((sum, value) => sum + value);
}

/** The group ends with the call. */
export async function rank(): Promise<number> {
  await using group: MpiGroup = await openMpi();
  return group.rank;
}

// @ts-expect-error -- a plain tensor has no memory to give back
export const wrong: Disposable = tensor([1]);
