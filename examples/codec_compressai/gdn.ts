/**
 * GDN between the convolutions of TensorFlow.js.
 *
 * @module
 */
import { gdn, type GdnVariables, type Runtime, type Tensor } from "../../mod.ts";
import type { Layers } from "../tfjs_layers/register.ts";
import type { Tf, TfTensor } from "../tfjs_layers/tensorflow.ts";
import type { Place } from "./place.ts";

/** A step of a network. */
export interface Step {
  /** A new tensor; the one that is given stays. */
  readonly run: (x: TfTensor) => TfTensor | Promise<TfTensor>;
  /** Frees what it holds. */
  readonly dispose: () => void;
}

/** CompressAI's GDN; IGDN if it is inverse. */
export function gdnStep(
  { tf, runtime, layers }: Place,
  variables: GdnVariables<Tensor>,
  inverse: boolean,
): Step {
  return layers === undefined
    ? onDevice(tf, runtime, variables, inverse)
    : asLayer(tf, layers, variables, inverse);
}

const EXPONENTS = { alphaParameter: 2, epsilonParameter: 0.5 } as const;

/** The layer of examples/tfjs_layers, which copies the numbers to WebAssembly and back. */
function asLayer(
  tf: Tf,
  layers: Layers,
  { reparamBeta, reparamGamma }: GdnVariables<Tensor>,
  inverse: boolean,
): Step {
  const layer = layers.gdn({ ...EXPONENTS, inverse });
  tf.tidy(() => {
    layer.apply(tf.zeros([1, 1, 1, reparamBeta.data.length])); // a layer has no weights before its first call
    layer.setWeights(
      [reparamBeta, reparamGamma].map(({ data, shape }) => tf.tensor(data, [...shape])),
    );
  });
  return { run: (x) => layer.apply(x) as TfTensor, dispose: () => layer.dispose() };
}

/** On the device of TensorFlow.js, which the numbers do not leave. */
function onDevice(
  tf: Tf,
  runtime: Runtime,
  variables: GdnVariables<Tensor>,
  inverse: boolean,
): Step {
  return {
    async run(x) {
      using scope = runtime.scope();
      const { buffer, tensorRef } = x.dataToGPU();
      try {
        using input = runtime.fromGpuBuffer(buffer!, x.shape);
        const y = await gdn(input, variables, { ...EXPONENTS, inverse, runtime: scope });
        // A copy on the GPU, which is submitted before the scope gives the buffer to others.
        return tf.tensor({ buffer: y.buffer }, [...y.shape], "float32");
      } finally {
        tensorRef.dispose();
      }
    },
    dispose() {},
  };
}
