/**
 * The public modules.
 *
 * @module
 */
import * as main from "../../mod.ts";
import * as batchNorm from "../../ops/batch_norm/mod.ts";
import * as gdn from "../../ops/gdn/mod.ts";
import * as groupNorm from "../../ops/group_norm/mod.ts";
import * as interop from "../../ops/interop/mod.ts";
import * as moments from "../../ops/moments/mod.ts";
import * as mpi from "../../ops/mpi/mod.ts";
import * as onnx from "../../ops/onnx/mod.ts";
import * as pipeline from "../../ops/pipeline/mod.ts";
import * as replicas from "../../ops/replicas/mod.ts";
import * as rmsNorm from "../../ops/rms_norm/mod.ts";
import * as runtime from "../../ops/runtime/mod.ts";
import * as safetensors from "../../ops/safetensors/mod.ts";
import * as tensor from "../../ops/tensor/mod.ts";
import * as training from "../../ops/training/mod.ts";

/** By their names in deno.json. */
export const ENTRIES: Readonly<Record<string, object>> & {
  readonly ".": object;
  readonly "./mpi": object;
  readonly "./onnx": object;
  readonly "./training": object;
} = {
  ".": main,
  "./gdn": gdn,
  "./group-norm": groupNorm,
  "./rms-norm": rmsNorm,
  "./batch-norm": batchNorm,
  "./interop": interop,
  "./moments": moments,
  "./mpi": mpi,
  "./onnx": onnx,
  "./pipeline": pipeline,
  "./replicas": replicas,
  "./runtime": runtime,
  "./safetensors": safetensors,
  "./tensor": tensor,
  "./training": training,
};
