/**
 * Batch norm's weights from and to other frameworks: a row for each function.
 *
 * @module
 */
import {
  batchNormFromKeras,
  batchNormFromOnnx,
  batchNormFromPyTorch,
  batchNormFromTensorFlow,
  batchNormToPyTorch,
} from "../../../mod.ts";
import { conversion, type Family, NONE, OPTIONAL, type Rows, runtime } from "./row.ts";
import { affine, clipping, moving } from "./values.ts";

const keras = () => ({ beta: [0, 1], gamma: [1, 2], moving_mean: [0, 0], moving_variance: [1, 1] });

const exports: Rows = {
  batchNormFromKeras: conversion(
    batchNormFromKeras,
    () => [keras(), {
      axis: -1,
      momentum: 0.9,
      epsilon: 1e-3,
      center: true,
      scale: true,
      trainable: true,
      renorm: false,
      renorm_clipping: clipping(),
      renorm_momentum: 0.9,
      virtual_batch_size: null,
    }, { fused: false }],
    () => [keras(), { axis: [3] }],
  ),
  batchNormFromOnnx: conversion(
    batchNormFromOnnx,
    () => [
      { scale: [1, 2], B: [0, 1], input_mean: [0, 0], input_var: [1, 1] },
      { epsilon: 1e-5, momentum: 0.9, training_mode: 0, spatial: 1 },
    ],
  ),
  batchNormFromPyTorch: conversion(
    batchNormFromPyTorch,
    () => [
      { weight: [1, 2], bias: [0, 1], running_mean: [0, 0], running_var: [1, 1] },
      { eps: 1e-5, momentum: 0.1, affine: true },
    ],
  ),
  batchNormFromTensorFlow: conversion(
    batchNormFromTensorFlow,
    () => [{ beta: [0, 1], moving_mean: [0, 0], moving_variance: [1, 1] }, {
      decay: 0.9,
      epsilon: 1e-3,
      center: true,
      scale: false,
      fused: true,
      data_format: "NHWC",
      zero_debias_moving_mean: false,
      renorm: false,
      renorm_clipping: clipping(),
      renorm_decay: 0.9,
    }],
    () => [{ moving_mean: [0], moving_variance: [1], beta: [0], biased: [0], local_step: [1] }, {
      zero_debias_moving_mean: true,
    }],
  ),
  batchNormToPyTorch: {
    ...conversion(batchNormToPyTorch, () => [affine(), moving(), {
      training: true,
      decay: 0.9,
      center: true,
      scale: true,
      epsilon: 1e-3,
      dataFormat: "NHWC",
      activation: "none",
      fused: true,
      unbiasedMovingVariance: true,
      zeroDebiasMovingMean: false,
      renorm: false,
      runtime,
    }], () => [{}, moving()]),
    takes: [NONE, NONE, OPTIONAL],
  },
};

/** Their rows. */
export const batchNormInteropRows: Family = { exports };
