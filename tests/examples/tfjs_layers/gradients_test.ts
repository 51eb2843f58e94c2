import type { Tensor } from "../../../mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { GdnArgs } from "../../../examples/tfjs_layers/gdn.ts";
import { tf } from "../../../examples/tfjs_layers/library.ts";
import type { GroupNormArgs } from "../../../examples/tfjs_layers/norms.ts";
import type { Layer, TfTensor } from "../../../examples/tfjs_layers/tensorflow.ts";
import { effective, effectiveGradient, gdn, gdnVjp } from "../../oracle/gdn.ts";
import { groupNorm } from "../../oracle/group_norm.ts";
import { statisticsSets } from "../../oracle/moments.ts";
import { normVjp } from "../../oracle/norm_vjp.ts";
import { assertClose, largest } from "../../support/close.ts";
import { randomTensor } from "../../support/random.ts";
import { leavesNoTensors, registered, tensorOf } from "./layers.ts";

/** Of the largest result: sums over sets of some dozens of numbers, twice, as in tests/group_norm. */
const TOLERANCE = 2e-5;
/** Of GDN's stored parameters. */
const OFFSET = 2 ** -18;

for (const backend of ["wasm", "cpu"] as const) {
  describe(`layers for TensorFlow.js against float64, on ${backend}`, () => {
    const layers = registered(backend);
    leavesNoTensors();

    const norms: [shape: number[], args: GroupNormArgs][] = [
      [[3, 5, 4, 6], { groups: 2 }],
      [[3, 5, 4, 6], { groups: 3, scale: false }],
      [[2, 6, 5, 4], { groups: 3, axis: 1, center: false }],
      [[2, 6, 5, 4], { groups: 1, axis: -3, epsilon: 0.1 }],
      [[2, 3, 8, 2], { groups: 4, axis: 2 }],
      [[2, 3, 4, 2, 6], { groups: 2 }],
      [[4, 7, 6], { groups: -1 }],
      [[5, 12], { groups: 2, scale: false, center: false }],
    ];
    for (const [shape, args] of norms) {
      it(`group normalization of (${shape}) with ${JSON.stringify(args)}`, () => {
        const layer = layers().groupNormalization(args);
        checkNorm(layer, shape, args);
        layer.dispose();
      });
    }
    for (const axis of [-1, 1]) {
      it(`instance normalization along axis ${axis}`, () => {
        const args = { axis, epsilon: 1e-5 };
        const shape = [2, 6, 5, 4];
        const layer = layers().instanceNormalization(args);
        checkNorm(layer, shape, { ...args, groups: shape.at(axis)! });
        layer.dispose();
      });
    }

    const gdns: [shape: number[], args: GdnArgs][] = [
      [[2, 4, 3, 5], {}],
      [[2, 4, 3, 5], { inverse: true, alphaParameter: 2, epsilonParameter: 0.5 }],
      [[2, 5, 7], { dataFormat: "channelsFirst", alphaParameter: 2, epsilonParameter: 0.5 }],
      [[9, 5], { rectify: true, alphaParameter: 1.5, epsilonParameter: 0.75 }],
    ];
    for (const [shape, args] of gdns) {
      it(`GDN of (${shape}) with ${JSON.stringify(args)}`, () => {
        const layer = layers().gdn(args);
        checkGdn(layer, shape, args);
        layer.dispose();
      });
    }

    it("other batches than the one that a layer was built for", () => {
      const layer = layers().instanceNormalization({ axis: 1 });
      for (const samples of [1, 4, 2]) checkNorm(layer, [samples, 3, 5], { axis: 1, groups: 3 });
      layer.dispose();
    });
  });
}

// TensorFlow.js keeps tensors of a gradient that ends in an error, so that none are counted here.
describe("layers for TensorFlow.js", () => {
  const layers = registered();

  it("refuse to be differentiated twice, where the result would be wrong", () => {
    const layer = layers().instanceNormalization({ axis: 1 });
    tf.tidy(() => {
      const x = tensorOf(randomTensor([2, 3, 5]));
      const slope = tf.grad((x: TfTensor) => tf.square(layer.apply(x) as TfTensor));
      const error = assertThrows(() => tf.grad((x: TfTensor) => slope(x))(x), Error) as Error;
      assertEquals(
        error.message,
        "Cannot differentiate a layer twice: its gradients must be used as they are, got a gradient of one",
      );
    });
    layer.dispose();
  });
});

type Scalar = ReturnType<typeof tf.scalar>;

/** y, and the gradients of sum(dy y) with respect to x and to the layer's weights in their order. */
interface Found {
  readonly y: ArrayLike<number>;
  readonly dx: ArrayLike<number>;
  readonly weights: readonly ArrayLike<number>[];
}

/** Runs a layer both ways, and checks that it leaves no tensors behind. */
function run(layer: Layer, x: Tensor, dy: Tensor, weights: readonly Tensor[]): Found {
  const own = tensorOf(x);
  const cotangent = tensorOf(dy);
  tf.dispose(layer.apply(own) as TfTensor);
  const values = weights.map(tensorOf);
  layer.setWeights(values);
  const { numTensors } = tf.memory();
  const found = tf.tidy(() => {
    const forward = (x: TfTensor) => layer.apply(x) as TfTensor;
    const { value, grad } = tf.valueAndGrad(forward)(own, cotangent);
    const loss = () => tf.sum(tf.mul(forward(own), cotangent)) as Scalar;
    // TensorFlow.js refuses to look for gradients where there is nothing to train.
    const grads = weights.length === 0 ? {} : tf.variableGrads(loss).grads;
    return {
      y: value.dataSync(),
      dx: grad.dataSync(),
      weights: layer.trainableWeights.map(({ name }) => grads[name].dataSync()),
    };
  });
  assertEquals(tf.memory().numTensors, numTensors);
  tf.dispose([own, cotangent, ...values]);
  return found;
}

function checkNorm(layer: Layer, shape: readonly number[], args: GroupNormArgs): void {
  const { axis = -1, groups: given = 32, epsilon = 1e-3, scale = true, center = true } = args;
  const rank = shape.length;
  const channelsAxis = axis < 0 ? axis + rank : axis;
  const channels = shape[channelsAxis];
  const groups = given === -1 ? channels : given;
  const reductionAxes = shape.map((_, i) => i).filter((i) => i !== 0 && i !== channelsAxis);
  const x = randomTensor(shape, { seed: 1, mean: 3, stddev: 2 });
  const dy = randomTensor(shape, { seed: 2 });
  const gamma = randomTensor([channels], { seed: 3, mean: 1, stddev: 0.5 });
  const beta = randomTensor([channels], { seed: 4 });
  const weights = [...(scale ? [gamma] : []), ...(center ? [beta] : [])];
  const found = run(layer, x, dy, weights);

  const used = { ...(scale && { gamma: gamma.data }), ...(center && { beta: beta.data }) };
  const y = groupNorm(x, { groups, channelsAxis, reductionAxes, epsilon, ...used });
  const stride = shape.slice(channelsAxis + 1).reduce((product, extent) => product * extent, 1);
  const { dx, dGamma, dBeta } = normVjp(x, dy.data, {
    sets: statisticsSets(shape, reductionAxes, { groups, channelsAxis }).of,
    places: Array.from(x.data, (_, i) => Math.floor(i / stride) % channels),
    gamma: scale ? gamma.data : new Float64Array(channels).fill(1),
    epsilon,
  });
  compare(found, {
    y: y.data,
    dx: dx.data,
    weights: [...(scale ? [dGamma] : []), ...(center ? [dBeta] : [])],
  });
}

function checkGdn(layer: Layer, shape: readonly number[], args: GdnArgs): void {
  const { dataFormat, inverse, rectify, alphaParameter = 1, epsilonParameter = 1 } = args;
  const channelsAxis = dataFormat === "channelsFirst" ? 1 : shape.length - 1;
  const channels = shape[channelsAxis];
  const x = randomTensor(shape, { seed: 1 });
  const dy = randomTensor(shape, { seed: 2 });
  // Some are below their bounds, and get a gradient only if a step against it leads back.
  const beta = randomTensor([channels], { seed: 3, mean: 1, stddev: 0.3 });
  const gamma = randomTensor([channels, channels], { seed: 4, mean: 0.2, stddev: 0.2 });
  const found = run(layer, x, dy, [beta, gamma]);

  const options = {
    channelsAxis,
    alpha: alphaParameter,
    epsilon: epsilonParameter,
    ...(inverse !== undefined && { inverse }),
    ...(rectify !== undefined && { rectify }),
  };
  const ownBeta = effective(beta.data, 1e-6, OFFSET);
  const ownGamma = effective(gamma.data, 0, OFFSET);
  const { dx, dBeta, dGamma } = gdnVjp(x, ownBeta, ownGamma, dy.data, options);
  compare(found, {
    y: gdn(x, ownBeta, ownGamma, options).data,
    dx: dx.data,
    weights: [
      effectiveGradient(beta.data, 1e-6, OFFSET, dBeta),
      effectiveGradient(gamma.data, 0, OFFSET, dGamma),
    ],
  });
}

function compare(found: Found, expected: Found): void {
  assertClose(found.y, expected.y, TOLERANCE * largest(expected.y), "y");
  assertClose(found.dx, expected.dx, TOLERANCE * largest(expected.dx), "dx");
  assertEquals(found.weights.length, expected.weights.length);
  for (const [i, weight] of expected.weights.entries()) {
    assertClose(found.weights[i], weight, TOLERANCE * largest(weight), `weight ${i}`);
  }
}
