/**
 * How each op is written: one table. What is missing here cannot be.
 *
 * @module
 */
import type { RecordedOps } from "../pipeline/recorded_ops.ts";
import type { Activation } from "../norm/activations.ts";
import type { AnyTensor } from "../tensor/types.ts";
import { activated } from "./activation.ts";
import {
  ofNumber,
  ofOne,
  ofPenalty,
  ofProjection,
  ofTwo,
  writePow,
  writeSquare,
} from "./arithmetic.ts";
import { writeBatchNorm } from "./batch_norm.ts";
import { writeGdn } from "./gdn.ts";
import type { Value } from "./graph.ts";
import {
  writeCrossEntropy,
  writeDense,
  writeMatmul,
  writeReshape,
  writeTranspose,
} from "./matrices.ts";
import { writeMean, writeMoments, writeSum } from "./moments.ts";
import { writeGroupNorm, writeInstanceNorm, writeLayerNorm } from "./norms.ts";
import { writeRmsNorm } from "./rms_norm.ts";
import type { Writing } from "./writing.ts";

/** What an op returns, or the fields of it that nodes compute. */
export type Written = Value | Readonly<Record<string, Value>>;

/** For each op that only goes forward how it is written. Arguments have been checked by its recorder. */
export const writers: {
  readonly [K in keyof RecordedOps]?: (
    w: Writing,
    ...args: Parameters<RecordedOps[K]>
  ) => Written;
} = {
  gdn: writeGdn,
  groupNorm: writeGroupNorm,
  instanceNorm: writeInstanceNorm,
  layerNorm: writeLayerNorm,
  rmsNorm: writeRmsNorm,
  batchNorm: writeBatchNorm,
  moments: writeMoments,
  add: ofTwo("Add"),
  sub: ofTwo("Sub"),
  mul: ofTwo("Mul"),
  div: ofTwo("Div"),
  scale: ofNumber("Mul"),
  pow: writePow,
  max: ofNumber("Max"),
  min: ofNumber("Min"),
  neg: ofOne("Neg"),
  abs: ofOne("Abs"),
  square: writeSquare,
  sqrt: ofOne("Sqrt"),
  exp: ofOne("Exp"),
  log: ofOne("Log"),
  round: ofOne("Round"),
  mean: writeMean,
  sum: writeSum,
  reshape: writeReshape,
  transpose: writeTranspose,
  matmul: writeMatmul,
  dense: writeDense,
  softmaxCrossEntropy: writeCrossEntropy,
  l1: ofPenalty("l1"),
  l2: ofPenalty("l2"),
  nonNeg: (w, x) => ofNumber("Max")(w, x, 0),
  maxNorm: ofProjection("maxNorm"),
  unitNorm: ofProjection("unitNorm"),
  minMaxNorm: ofProjection("minMaxNorm"),
  activate: (w: Writing, x: AnyTensor, activation: Activation) =>
    activated(w.graph, w.valueOf("x", x), activation),
};
