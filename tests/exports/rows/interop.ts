/**
 * Weights of GDN and of the other norms from and to other frameworks: a row for each function.
 *
 * @module
 */
import {
  gdnFromCompressAI,
  gdnFromTensorFlow,
  gdnParamsFromCompressAI,
  gdnToCompressAI,
  groupNormFromKeras,
  groupNormFromPyTorch,
  instanceNormFromPyTorch,
  layerNormFromKeras,
  layerNormFromPyTorch,
} from "../../../mod.ts";
import { conversion, type Family, NONE, type Rows } from "./row.ts";
import { affine, effective, gdnOptions, square, stored } from "./values.ts";

const module = () => ({ weight: [1, 2], bias: [0, 1] });

const exports: Rows = {
  gdnFromCompressAI: conversion(
    gdnFromCompressAI,
    () => [
      { ...effective(), "beta_reparam.pedestal": 2 ** -36 },
      { layer: "GDN", inverse: false, beta_min: 1e-6 },
    ],
  ),
  gdnFromTensorFlow: {
    ...conversion(
      gdnFromTensorFlow,
      () => [effective(), {
        version: 1,
        inverse: false,
        rectify: false,
        data_format: "channels_last",
        beta_min: 1e-6,
        reparam_offset: 2 ** -18,
      }],
      () => [{ reparam_beta: [1, 2], reparam_gamma: square(), reparam_alpha: 1 }, {
        version: 2,
        epsilon_parameter: 1,
      }],
      () => [{ ...effective(), reparam_epsilon: [1] }, { version: 2, alpha_parameter: 1 }],
    ),
    takes: [NONE, NONE],
  },
  gdnParamsFromCompressAI: {
    ...conversion(gdnParamsFromCompressAI, () => [effective()]),
    maps: true,
  },
  gdnToCompressAI: conversion(
    gdnToCompressAI,
    () => [stored(), gdnOptions()],
    () => [effective(), { alphaParameter: 1, epsilonParameter: 1 }],
  ),
  groupNormFromKeras: {
    ...conversion(groupNormFromKeras, () => [affine(), {
      groups: 1,
      axis: -1,
      epsilon: 1e-3,
      center: true,
      scale: true,
      trainable: true,
    }]),
    // Two channels do not make 32 groups.
    takes: [NONE, NONE],
  },
  groupNormFromPyTorch: {
    ...conversion(
      groupNormFromPyTorch,
      () => [module(), { num_groups: 1, num_channels: 2, eps: 1e-5, affine: true }],
    ),
    takes: [NONE, NONE],
  },
  instanceNormFromPyTorch: {
    ...conversion(instanceNormFromPyTorch, () => [module(), {
      num_features: 2,
      eps: 1e-5,
      momentum: 0.1,
      affine: true,
      track_running_stats: false,
    }]),
    // There are weights, which by default there are not.
    takes: [NONE, NONE],
  },
  layerNormFromKeras: conversion(layerNormFromKeras, () => [affine(), {
    axis: [-1],
    epsilon: 1e-3,
    center: true,
    scale: true,
    rms_scaling: false,
    trainable: true,
  }]),
  layerNormFromPyTorch: conversion(
    layerNormFromPyTorch,
    () => [module(), { normalized_shape: [2], eps: 1e-5, elementwise_affine: true, bias: true }],
  ),
};

/** Their rows. */
export const interopRows: Family = { exports };
