/**
 * Kernels of texts that tests write.
 *
 * @module
 */
import { packer } from "../../codegen/pack.ts";
import type { Kernel } from "../../ops/plan/kernel.ts";
import { loadGpu } from "../../ops/runtime/gpu/library.ts";

const pack = packer(await loadGpu());

/** A kernel with the tree of its text. */
export function withTree(kernel: Omit<Kernel, "tree"> & { readonly source: string }): Kernel {
  return { ...kernel, tree: pack(kernel) };
}
