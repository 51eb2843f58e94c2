/**
 * Which tests must notice a change of a file.
 *
 * @module
 */

/** Files by a pattern, with the stems of their tests; the first that matches counts. */
type Row = readonly [files: RegExp, tests: string];

/** What is not changed: it cannot run here, is types or data, or is tested by hand. */
const LEFT_OUT =
  /^ops\/runtime\/(?:webgpu|webgl2|gpu\/library|executor|runtime|host)|^ops\/plan\/(?:kernel|program)\.ts|^ops\/\w+\/mod\.ts|^codegen\/variants\.ts|^codegen\/templates\/_/;

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
  [/^ops\/batch_norm\/adjustment/, "adjustment batch_norm batch_norm_vjp batch_norm_errors"],
  [/^ops\/batch_norm\/(vjp|cotangents)/, "batch_norm_vjp"],
  [/^ops\/batch_norm\//, "batch_norm batch_norm_errors"],
  [/^ops\/call\/(calls|pattern)/, "calls foreign"],
  [/^ops\/call\/vjp/, "gdn_vjp group_norm_vjp batch_norm_vjp"],
  [/^ops\/call\//, "pipeline calls engine"],
  [/^ops\/gdn\/inverse/, "gdn_inverse"],
  [/^ops\/gdn\/vjp/, "gdn_vjp gdn_stored"],
  [/^ops\/gdn\/reparam/, "gdn gdn_errors gdn_stored interop_gdn"],
  [/^ops\/gdn\//, "gdn gdn_errors gdn_vjp gdn_inverse gdn_stored interop_gdn"],
  [/^ops\/group_norm\/vjp/, "group_norm_vjp"],
  [/^ops\/group_norm\//, "group_norm group_norm_errors"],
  [/^ops\/interop\//, "interop interop_gdn interop_errors"],
  [/^ops\/moments\//, "moments moments_errors"],
  [/^ops\/norm\/activation/, "group_norm group_norm_errors activation_vjp"],
  [/^ops\/norm\/(affine|options)/, `${NORMS} ${ERRORS}`],
  [/^ops\/norm\/normalize/, NORMS],
  [/^ops\/norm\/(parts|group_parts)/, "group_norm moments group_norm_vjp"],
  [/^ops\/norm\/(statistics|weights)/, `moments numbers outliers passes ${NORMS}`],
  [/^ops\/norm\/sums/, "gdn_vjp group_norm_vjp pipeline"],
  [/^ops\/norm\/vjp/, "group_norm_vjp batch_norm_vjp"],
  [/^ops\/pipeline\//, "pipeline pipeline_errors engine"],
  [/^ops\/plan\/kernels/, "kernels gdn"],
  [/^ops\/plan\/plan/, "pipeline passes calls kernels"],
  [/^ops\/plan\/symbolic/, `pipeline pipeline_errors calls ${ERRORS}`],
  [/^ops\/plan\/tree/, "pipeline calls engine optimizers"],
  [/^ops\/plan\/view/, `${NORMS} gdn ${ERRORS}`],
  [/^ops\/runtime\/cpu\//, "kernels cpu engine runtime"],
  [/^ops\/runtime\/engine/, "engine runtime resident"],
  [/^ops\/runtime\/(select|gpu\/settings)/, "runtime runtime_errors kernels"],
  [/^ops\/runtime\/wasm\/threads?/, "threads threads_memory threads_end"],
  [
    /^ops\/runtime\/wasm\/(arena|recycler|guard)/,
    "wasm_memory wasm_recycler resident threads_memory",
  ],
  [/^ops\/runtime\/wasm\/(executable|executor)/, "wasm_plan resident threads threads_memory"],
  [/^ops\/runtime\/wasm\/support/, "wasm_refused wasm_plan"],
  [
    /^ops\/runtime\/wasm\//,
    "wasm_plan wasm_affine wasm_elementary wasm_grid wasm_guards wasm_lower wasm_tiles wasm_fuzz kernels",
  ],
  [/^ops\/runtime\//, "runtime runtime_errors resident engine"],
  [/^ops\/safetensors\//, "safetensors safetensors_errors json half"],
  [/^ops\/tensor\/arguments/, `arguments ${ERRORS}`],
  [/^ops\/tensor\/checks/, `${ERRORS} shapes captures group_norm properties`],
  [/^ops\/tensor\/foreign/, "foreign calls"],
  [/^ops\/tensor\/half/, "half"],
  [/^ops\/tensor\/shape/, `tensor ${ERRORS}`],
  [/^ops\/tensor\//, "tensor foreign shapes"],
  [/^ops\/training\/(adam|sgd|step)/, "optimizers"],
  [/^ops\/training\/constraints/, "constraints"],
  [/^ops\/training\/regularizers/, "regularizers"],
  [/^ops\/training\/params/, "gdn batch_norm group_norm initializers"],
  [/^ops\/training\//, "initializers"],
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
