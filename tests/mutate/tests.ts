/**
 * Which tests must notice a change of a file.
 *
 * @module
 */

/** Files by a pattern, with the stems of their tests; the first that matches counts. */
type Row = readonly [files: RegExp, tests: string];

/** What is not changed: it cannot run here, is types or data, or is tested by hand. */
const LEFT_OUT =
  /^ops\/runtime\/(?:webgpu|webgl2|gpu\.ts|executor\.ts)|^ops\/_kernel\.ts|^ops\/interop\.ts|^codegen\/variants\.ts|^codegen\/templates\/_/;

const NORMS = "group_norm batch_norm";
const ERRORS = "gdn_errors group_norm_errors batch_norm_errors moments_errors";

const TESTS: readonly Row[] = [
  [/^codegen\/templates\/batch_norm/, "kernels batch_norm"],
  [/^codegen\/templates\/gdn\.ts/, "kernels gdn"],
  [/^codegen\/templates\/gdn_vjp/, "kernels gdn_vjp"],
  [/^codegen\/templates\/moments/, "kernels moments numbers"],
  [/^codegen\/templates\/norm_vjp/, "kernels group_norm_vjp batch_norm_vjp"],
  [/^codegen\/templates\/normalize/, `kernels ${NORMS}`],
  [/^codegen\/templates\/optimizers/, "kernels optimizers"],
  [/^codegen\/templates\//, "kernels pipeline"],
  [/^codegen\//, "codegen_emit codegen_main codegen_specialize codegen_subset"],
  [/^ops\/interop\//, "interop interop_gdn interop_errors"],
  [/^ops\/runtime\/cpu/, "kernels engine runtime"],
  [/^ops\/runtime\/engine/, "engine runtime resident"],
  [/^ops\/runtime\/(select|settings)/, "runtime runtime_errors kernels"],
  [/^ops\/runtime\/wasm\/threads/, "threads threads_memory"],
  [/^ops\/runtime\/wasm\/(arena|recycler)/, "wasm_memory wasm_recycler resident threads_memory"],
  [/^ops\/runtime\/wasm\/(executable|executor)/, "wasm_plan resident threads threads_memory"],
  [
    /^ops\/runtime\/wasm\//,
    "wasm_plan wasm_affine wasm_elementary wasm_grid wasm_guards wasm_lower wasm_tiles wasm_fuzz kernels",
  ],
  [/^ops\/_adjustment/, "batch_norm batch_norm_vjp batch_norm_errors"],
  [/^ops\/_affine/, `${NORMS} ${ERRORS}`],
  [/^ops\/_?batch_norm_vjp/, "batch_norm_vjp"],
  [/^ops\/_?batch_norm/, "batch_norm batch_norm_errors"],
  [/^ops\/_calls/, "calls foreign"],
  [/^ops\/_checks/, `${ERRORS} group_norm properties`],
  [/^ops\/_elements/, "safetensors safetensors_errors half"],
  [/^ops\/_elementwise/, "pipeline pipeline_errors"],
  [/^ops\/_foreign/, "foreign calls"],
  [/^ops\/_gdn_inverse/, "gdn_inverse"],
  [/^ops\/_gdn_vjp/, "gdn_vjp"],
  [/^ops\/_?gdn/, "gdn gdn_errors gdn_vjp gdn_inverse interop_gdn"],
  [/^ops\/_graph/, `pipeline pipeline_errors calls ${ERRORS}`],
  [/^ops\/_group_norm_vjp/, "group_norm_vjp"],
  [/^ops\/_?group_norm/, "group_norm group_norm_errors"],
  [/^ops\/_half/, "half"],
  [/^ops\/_init/, "gdn batch_norm group_norm initializers"],
  [/^ops\/_kernels/, "kernels gdn"],
  [/^ops\/_layout/, `${NORMS} gdn ${ERRORS}`],
  [/^ops\/_matmul/, "pipeline pipeline_errors"],
  [/^ops\/_?moments/, "moments moments_errors"],
  [/^ops\/_norm_vjp/, "group_norm_vjp batch_norm_vjp"],
  [/^ops\/_normalize/, NORMS],
  [/^ops\/_?optimizers/, "optimizers"],
  [/^ops\/_parts/, "group_norm moments group_norm_vjp"],
  [/^ops\/_plan/, "pipeline passes calls kernels"],
  [/^ops\/(_random|initializers)/, "initializers"],
  [/^ops\/_reparam/, "gdn gdn_errors gdn_vjp interop_gdn"],
  [/^ops\/_resident/, "resident"],
  [/^ops\/_run\.ts/, "pipeline calls engine"],
  [/^ops\/_?runtime\.ts/, "runtime runtime_errors resident engine"],
  [/^ops\/_shape/, `tensor ${ERRORS}`],
  [/^ops\/_statistics/, `moments numbers passes ${NORMS}`],
  [/^ops\/_sums/, "gdn_vjp group_norm_vjp pipeline"],
  [/^ops\/_vjp/, "gdn_vjp group_norm_vjp batch_norm_vjp"],
  [/^ops\/activations/, "group_norm group_norm_errors"],
  [/^ops\/constraints/, "constraints"],
  [/^ops\/pipeline/, "pipeline pipeline_errors engine"],
  [/^ops\/regularizers/, "regularizers"],
  [/^ops\/safetensors/, "safetensors safetensors_errors"],
  [/^ops\/tensor/, "tensor foreign shapes"],
  // What no row knows is likely to be used by all.
  [/^ops\//, "tensor shapes captures gdn group_norm batch_norm pipeline"],
];

/** Whether a file is changed at all. */
export function isMutable(file: string): boolean {
  return /^(ops|codegen)\/.*\.ts$/.test(file) && !LEFT_OUT.test(file);
}

/** The tests of a file, from the root of the repository; none where nobody has said which. */
export function testsOf(file: string): string[] {
  const stems = TESTS.find(([files]) => files.test(file))?.[1].split(" ") ?? [];
  return stems.map((stem) => `tests/${stem}_test.ts`);
}

/** Whether kernels have to be generated again after a change of a file. */
export function isTemplate(file: string): boolean {
  return file.startsWith("codegen/templates/");
}
