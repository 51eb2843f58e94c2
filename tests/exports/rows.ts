/**
 * For every exported function, and every function that one of them returns, a call that works. The
 * rows of a family are in its file of `rows/`.
 *
 * @module
 */
import { batchNormRows } from "./rows/batch_norm.ts";
import { gdnRows } from "./rows/gdn.ts";
import { interopRows } from "./rows/interop.ts";
import { batchNormInteropRows } from "./rows/interop_batch_norm.ts";
import { momentsRows } from "./rows/moments.ts";
import { normRows } from "./rows/norms.ts";
import { onnxRows } from "./rows/onnx.ts";
import { optimizerRows } from "./rows/optimizers.ts";
import { pipelineRows } from "./rows/pipeline.ts";
import { tensorRows } from "./rows/tensors.ts";
import { replicasRows } from "./rows/replicas.ts";
import { rmsNormRows } from "./rows/rms_norm.ts";
import { trainingRows } from "./rows/training.ts";
import type { Family, Rows } from "./rows/row.ts";

const FAMILIES: readonly Family[] = [
  gdnRows,
  normRows,
  rmsNormRows,
  batchNormRows,
  momentsRows,
  replicasRows,
  batchNormInteropRows,
  interopRows,
  optimizerRows,
  trainingRows,
  tensorRows,
  pipelineRows,
  onnxRows,
];

function rowsOf(table: keyof Family): Rows {
  return Object.assign({}, ...FAMILIES.map((family) => family[table] ?? {}));
}

/** One row for each exported function. */
export const EXPORTS = rowsOf("exports");

/** One row for each kind of function that exported functions return. */
export const RETURNED = rowsOf("returned");

/** Rows of the ops inside a pipeline. */
export const TRACED = rowsOf("traced");
