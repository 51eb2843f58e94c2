/**
 * Which tests must notice a change of a file.
 *
 * @module
 */

/** Files by a pattern, with the stems of their tests; the first that matches counts. */
type Row = readonly [files: RegExp, tests: string];

/** What is not changed: it cannot run here, is types or data, or is tested by hand. */
const LEFT_OUT =
  /^ops\/mpi\/(?:deno|mpi_group)|^ops\/runtime\/(?:webgpu\/stock|webgl2|gpu\/library|executor|runtime|host)|^ops\/plan\/kernel\.ts|^ops\/\w+\/mod\.ts|^codegen\/variants\.ts|^codegen\/templates\/_/;

const NORMS = "group_norm/group_norm batch_norm/batch_norm";
const INTEROP = [
  "gdn gdn_errors batch_norm arguments norms_keras norms_keras_errors norms_pytorch norms_pytorch_errors round_trips exports_errors",
  "batch_norm_tensorflow batch_norm_keras batch_norm_pytorch batch_norm_onnx",
  "batch_norm_tensorflow_errors batch_norm_keras_errors batch_norm_pytorch_errors batch_norm_onnx_errors",
].join(" ").replace(/\w+/g, "interop/$&");
const ERRORS = "gdn/errors group_norm/errors batch_norm/errors moments/errors";

const TESTS: readonly Row[] = [
  [
    /^codegen\/templates\/arithmetic/,
    "kernels/kernels arithmetic/unary arithmetic/with_number arithmetic/binary arithmetic/matrices",
  ],
  [/^codegen\/templates\/batch_norm/, "kernels/kernels batch_norm/batch_norm"],
  [/^codegen\/templates\/constraints/, "kernels/kernels training/in_pipelines"],
  [/^codegen\/templates\/cross_entropy/, "kernels/kernels arithmetic/cross_entropy"],
  [/^codegen\/templates\/gdn\.ts/, "kernels/kernels gdn/gdn"],
  [/^codegen\/templates\/gdn_vjp/, "kernels/kernels gdn/vjp"],
  [
    /^codegen\/templates\/(moments|shifts)/,
    "kernels/kernels moments/moments numbers/outliers numbers/weights",
  ],
  [
    /^codegen\/templates\/norm_vjp/,
    "kernels/kernels group_norm/vjp batch_norm/vjp batch_norm/vjp_slopes norm/activation_vjp",
  ],
  [/^codegen\/templates\/normalize/, `kernels/kernels ${NORMS} group_norm/vjp numbers/extremes`],
  [/^codegen\/templates\/optimizers/, "kernels/kernels training/optimizers"],
  [/^codegen\/templates\//, "kernels/kernels pipeline/pipeline"],
  [
    /^codegen\//,
    "codegen/emit codegen/main codegen/pack codegen/subset/bodies codegen/subset/conditions codegen/subset/expressions codegen/subset/files codegen/subset/loops codegen/subset/signatures codegen/subset/statements codegen/specialize/coordinates codegen/specialize/holes codegen/specialize/parameters codegen/specialize/integers codegen/specialize/lanes codegen/specialize/text",
  ],
  [
    /^ops\/arithmetic\/(binary|broadcast)/,
    "arithmetic/binary arithmetic/errors arithmetic/vjp_errors",
  ],
  [/^ops\/arithmetic\/cotangents/, "arithmetic/cotangents arithmetic/binary arithmetic/reduce"],
  [
    /^ops\/arithmetic\/cross_entropy/,
    "arithmetic/cross_entropy arithmetic/errors arithmetic/vjp_errors",
  ],
  [
    /^ops\/arithmetic\/(dense|matmul|shape)/,
    "arithmetic/matrices arithmetic/errors arithmetic/vjp_errors",
  ],
  [/^ops\/arithmetic\/reduce/, "arithmetic/reduce arithmetic/errors arithmetic/vjp_errors"],
  [
    /^ops\/arithmetic\//,
    "arithmetic/unary arithmetic/with_number arithmetic/errors arithmetic/vjp_errors",
  ],
  [
    /^ops\/batch_norm\/adjustment/,
    "batch_norm/adjustment batch_norm/batch_norm batch_norm/vjp batch_norm/vjp_slopes batch_norm/errors",
  ],
  [/^ops\/batch_norm\/(vjp|cotangents|pull)/, "batch_norm/vjp batch_norm/vjp_slopes"],
  [/^ops\/batch_norm\/replicas/, "batch_norm/replicas batch_norm/replicas_errors"],
  [/^ops\/batch_norm\//, "batch_norm/batch_norm batch_norm/errors"],
  [/^ops\/call\/(calls|pattern|recent)/, "call/calls tensor/foreign pipeline/eager"],
  [/^ops\/call\/held/, "gdn/inverse batch_norm/replicas runtime/webgpu/resident"],
  [/^ops\/call\/vjp/, "gdn/vjp group_norm/vjp batch_norm/vjp batch_norm/vjp_slopes"],
  [
    /^ops\/call\//,
    "pipeline/pipeline pipeline/captures pipeline/errors pipeline/sync call/calls runtime/engine",
  ],
  [/^ops\/gdn\/inverse/, "gdn/inverse"],
  [/^ops\/gdn\/vjp/, "gdn/vjp gdn/stored"],
  [/^ops\/gdn\/reparam/, "gdn/gdn gdn/errors gdn/stored interop/gdn"],
  [/^ops\/gdn\//, "gdn/gdn gdn/errors gdn/vjp gdn/inverse gdn/stored interop/gdn"],
  [/^ops\/group_norm\/vjp/, "group_norm/vjp"],
  [/^ops\/group_norm\//, "group_norm/group_norm group_norm/errors"],
  [/^ops\/interop\//, INTEROP],
  [/^ops\/moments\/(vjp|pull)/, "moments/vjp"],
  [/^ops\/moments\//, "moments/moments moments/errors moments/vjp"],
  [/^ops\/mpi\/(group|replica)/, "mpi/group mpi/collectives mpi/ends"],
  [/^ops\/mpi\/endings/, "mpi/endings mpi/ends"],
  [/^ops\/mpi\/header/, "mpi/header mpi/collectives"],
  [/^ops\/mpi\/(handles|launcher|library)/, "mpi/library mpi/launch mpi/ends"],
  [/^ops\/mpi\/mpi\.ts/, "mpi/mpi mpi/collectives mpi/ends mpi/launch"],
  [/^ops\/mpi\//, "mpi/open mpi/launch"],
  [/^ops\/norm\/activation/, "group_norm/group_norm group_norm/errors norm/activation_vjp"],
  [/^ops\/norm\/(affine|options)/, `${NORMS} ${ERRORS}`],
  [/^ops\/norm\/normalize/, NORMS],
  [
    /^ops\/norm\/(parts|group_parts|reductions|spread)/,
    "norm/parts group_norm/group_norm moments/moments group_norm/vjp",
  ],
  [/^ops\/norm\/weights/, "moments/errors batch_norm/errors batch_norm/replicas_errors"],
  [
    /^ops\/norm\/statistics/,
    `moments/moments numbers/numbers numbers/outliers numbers/weights kernels/passes ${NORMS}`,
  ],
  [/^ops\/norm\/sums/, "gdn/vjp group_norm/vjp pipeline/pipeline"],
  [/^ops\/norm\/vjp/, "group_norm/vjp batch_norm/vjp batch_norm/vjp_slopes"],
  [/^ops\/onnx\/(batch|free_batch)/, "onnx/graph onnx/errors"],
  [/^ops\/onnx\//, "onnx/to_onnx onnx/graph onnx/errors onnx/precise"],
  [
    /^ops\/pipeline\/gradients\//,
    "pipeline/gradients/gradients pipeline/gradients/errors pipeline/gradients/training_step pipeline/gradients/random",
  ],
  [/^ops\/pipeline\/donation/, "pipeline/donate"],
  [/^ops\/pipeline\/eager/, "pipeline/eager pipeline/gradients/gradients"],
  [
    /^ops\/pipeline\//,
    "pipeline/pipeline pipeline/sync pipeline/donate pipeline/errors runtime/engine",
  ],
  [
    /^ops\/plan\/check_trees/,
    "training/optimizers replicas/all_reduce_tree pipeline/gradients/gradients pipeline/gradients/errors",
  ],
  [/^ops\/plan\/kernel(s|_name)/, "kernels/kernels gdn/gdn codegen/emit"],
  [/^ops\/plan\/lru/, "plan/lru runtime/engine"],
  [/^ops\/plan\/program/, "plan/program runtime/engine"],
  [/^ops\/plan\/plan/, "plan/plan pipeline/pipeline kernels/passes call/calls kernels/kernels"],
  [/^ops\/plan\/symbolic/, `pipeline/pipeline pipeline/errors call/calls ${ERRORS}`],
  [/^ops\/plan\/tree/, "plan/tree pipeline/pipeline call/calls runtime/engine training/optimizers"],
  [/^ops\/plan\/uses/, "runtime/wasm/plan runtime/wasm/fuzz"],
  [/^ops\/plan\/view/, `${NORMS} gdn/gdn ${ERRORS}`],
  [
    /^ops\/replicas\//,
    "replicas/common_error replicas/all_merge_moments replicas/all_reduce_tree replicas/exchange replicas/group replicas/run_replicas batch_norm/replicas batch_norm/replicas_errors",
  ],
  [/^ops\/rms_norm\/vjp/, "rms_norm/vjp rms_norm/errors"],
  [/^ops\/rms_norm\//, "rms_norm/rms_norm rms_norm/errors"],
  [/^ops\/runtime\/auto\//, "runtime/auto/choice runtime/auto/auto"],
  [/^ops\/runtime\/cpu\//, "kernels/kernels runtime/cpu runtime/engine runtime/runtime"],
  [/^ops\/runtime\/gpu\/loss/, "runtime/gpu/loss"],
  [/^ops\/runtime\/gpu\/software/, "runtime/gpu/software"],
  [
    /^ops\/runtime\/lowering\/(axes|certain|contraction|factors|grid)/,
    "runtime/webgpu/factors runtime/wasm/grid runtime/wasm/guards runtime/wasm/tiles runtime/wasm/fuzz runtime/webgpu/tiled runtime/webgpu/fuzz kernels/kernels",
  ],
  [/^ops\/runtime\/lowering\/reads/, "runtime/wasm/reads runtime/wasm/strips"],
  [/^ops\/runtime\/lowering\/syntax/, "codegen/pack runtime/wasm/lower kernels/kernels"],
  [
    /^ops\/runtime\/lowering\//,
    "runtime/wasm/affine runtime/wasm/lower runtime/wasm/tiles runtime/wasm/fuzz kernels/kernels",
  ],
  [
    /^ops\/runtime\/(?:life|donate|\w+_tensor)/,
    "runtime/scope runtime/webgpu/resident pipeline/donate",
  ],
  [/^ops\/runtime\/engine/, "runtime/engine runtime/runtime runtime/scope runtime/errors"],
  [
    /^ops\/runtime\/execute/,
    "runtime/runtime runtime/errors runtime/scope runtime/engine pipeline/sync pipeline/errors batch_norm/errors runtime/webgpu/resident",
  ],
  [
    /^ops\/runtime\/webgpu\/compiler\//,
    "runtime/webgpu/wgsl runtime/webgpu/factors runtime/webgpu/tile runtime/webgpu/stages runtime/webgpu/fours runtime/webgpu/tiled runtime/webgpu/divided runtime/webgpu/joined runtime/webgpu/fuzz runtime/webgpu/runs kernels/kernels",
  ],
  [
    /^ops\/runtime\/webgpu\//,
    "runtime/webgpu/adapter runtime/webgpu/buffers runtime/auto/auto runtime/webgpu/checked runtime/webgpu/choice runtime/webgpu/pipelines runtime/webgpu/limits runtime/webgpu/slots runtime/webgpu/runs runtime/webgpu/resident runtime/webgpu/foreign runtime/webgpu/memory runtime/webgpu/loss kernels/kernels",
  ],
  [/^ops\/runtime\/(select|gpu\/settings)/, "runtime/runtime runtime/errors kernels/kernels"],
  [
    /^ops\/runtime\/wasm\/threads?/,
    "runtime/wasm/threads runtime/wasm/threads_memory runtime/wasm/threads_end runtime/wasm/refused",
  ],
  [
    /^ops\/runtime\/wasm\/share[ds]/,
    "runtime/wasm/shares runtime/wasm/threads runtime/wasm/threads_memory",
  ],
  [
    /^ops\/runtime\/wasm\/compiler\/(tiles|sizes|panels|row_panels|fills|reads|region|substitute|terms)/,
    "runtime/wasm/tiles runtime/wasm/contractions runtime/wasm/fuzz",
  ],
  [
    /^ops\/runtime\/wasm\/arena/,
    "runtime/wasm/memory runtime/scope runtime/wasm/threads_memory",
  ],
  [
    /^ops\/runtime\/wasm\/(executable|executor)/,
    "runtime/wasm/plan runtime/scope runtime/wasm/threads runtime/wasm/threads_memory runtime/wasm/strips",
  ],
  [/^ops\/runtime\/wasm\/strips\//, "runtime/wasm/lending runtime/wasm/strips bench/plans"],
  [/^ops\/runtime\/wasm\/support/, "runtime/wasm/refused runtime/wasm/plan"],
  [
    /^ops\/runtime\/wasm\/compiler\/(encoding|module|code)/,
    "runtime/wasm/encoding runtime/wasm/plan runtime/wasm/elementary kernels/kernels",
  ],
  [
    /^ops\/runtime\/wasm\//,
    "runtime/wasm/plan runtime/wasm/elementary runtime/wasm/grid runtime/wasm/guards runtime/wasm/tiles runtime/wasm/fuzz kernels/kernels",
  ],
  [/^ops\/runtime\//, "runtime/runtime runtime/errors runtime/scope runtime/engine pipeline/sync"],
  [
    /^ops\/safetensors\//,
    "safetensors/safetensors safetensors/read_errors safetensors/write_errors safetensors/tree safetensors/json tensor/half",
  ],
  [/^ops\/tensor\/arguments/, `tensor/arguments ${ERRORS}`],
  [
    /^ops\/tensor\/checks/,
    `${ERRORS} tensor/shapes pipeline/captures group_norm/group_norm numbers/properties`,
  ],
  [/^ops\/tensor\/foreign/, "tensor/foreign call/calls"],
  [/^ops\/tensor\/half/, "tensor/half"],
  [/^ops\/tensor\/shape/, `tensor/tensor ${ERRORS}`],
  [/^ops\/tensor\//, "tensor/tensor tensor/foreign tensor/shapes"],
  [/^ops\/training\/(adam|sgd|step)/, "training/optimizers training/decay"],
  [/^ops\/training\/clip/, "training/clip"],
  [/^ops\/training\/(constraints|limits)/, "training/constraints training/in_pipelines"],
  [
    /^ops\/training\/(penalties|projections)/,
    "training/in_pipelines arithmetic/errors arithmetic/vjp_errors",
  ],
  [/^ops\/training\/regularizers/, "training/regularizers"],
  [
    /^ops\/training\/params/,
    "gdn/gdn batch_norm/batch_norm group_norm/group_norm training/initializers",
  ],
  [/^ops\/training\//, "training/initializers"],
];

/** Where public functions are, whose arguments one test checks for all of them. */
const PUBLIC =
  /^ops\/(?:batch_norm|gdn|group_norm|interop|moments|onnx|pipeline|replicas|rms_norm|safetensors|tensor|training)\//;

/** Whether a file is changed at all. */
export function isMutable(file: string): boolean {
  return /^(ops|codegen)\/.*\.ts$/.test(file) && !LEFT_OUT.test(file);
}

/** The tests of a file, from the root of the repository; none where nobody has said which. */
export function testsOf(file: string): string[] {
  const stems = TESTS.find(([files]) => files.test(file))?.[1].split(" ") ?? [];
  if (PUBLIC.test(file)) stems.push("exports/exports");
  return stems.map((stem) => `tests/${stem}_test.ts`);
}

/** Whether kernels have to be generated again after a change of a file. */
export function isTemplate(file: string): boolean {
  return file.startsWith("codegen/templates/");
}
