/**
 * Models in ONNX: a row for each function.
 *
 * @module
 */
import type { PipelineOps, Tensor } from "../../../mod.ts";
import { toOnnx } from "../../../ops/onnx/mod.ts";
import { type Family, NONE, OPTIONAL, type Rows } from "./row.ts";
import { x } from "./values.ts";

const fn = (ops: PipelineOps, { x }: { readonly x: Tensor }) => ops.neg(x);

const exports: Rows = {
  toOnnx: {
    call: toOnnx,
    calls: [
      () => [fn, { x: x() }, { opset: 17, precise: true, batch: "free" }],
      () => [fn, { x: x() }, { batch: ["x"] }],
    ],
    kinds: ["other", "other", "record"],
    takes: [NONE, NONE, OPTIONAL],
  },
};

/** Their rows. */
export const onnxRows: Family = { exports };
