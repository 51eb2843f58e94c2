/**
 * What the tests of the layers for TensorFlow.js have in common.
 *
 * @module
 */
import { createRuntime, type Runtime, type Tensor } from "../../../mod.ts";
import { assertEquals } from "@std/assert";
import { after, afterEach, before, beforeEach } from "@std/testing/bdd";
import { tf } from "../../../examples/tfjs_layers/library.ts";
import { type Layers, registerLayers } from "../../../examples/tfjs_layers/register.ts";
import type { TfTensor } from "../../../examples/tfjs_layers/tensorflow.ts";

/** Registers the layers for the tests of a suite, which call the result. */
export function registered(backend: "wasm" | "cpu" = "wasm"): () => Layers {
  let runtime: Runtime;
  let layers: Layers;
  before(async () => {
    runtime = await createRuntime({ backend });
    layers = registerLayers(tf, runtime);
  });
  after(() => runtime[Symbol.asyncDispose]());
  return () => layers;
}

/** Fails the tests of a suite that leave tensors behind. */
export function leavesNoTensors(): void {
  let there = 0;
  beforeEach(() => {
    there = tf.memory().numTensors;
  });
  afterEach(() => assertEquals(tf.memory().numTensors - there, 0, "tensors left behind"));
}

/** A tensor of TensorFlow.js. */
export function tensorOf({ data, shape }: Tensor): TfTensor {
  return tf.tensor(data, [...shape]);
}
