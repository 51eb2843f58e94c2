import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  batchNorm,
  fromKeras,
  fromOnnx,
  fromPyTorch,
  fromTensorFlow,
  type ImportedBatchNorm,
  readSafetensors,
  type Tensor,
  tensor,
  writeSafetensors,
} from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { runtime } from "../support/refusals.ts";

/** Both sides round numbers up to 4 to float32, 2.4e-7, a few times. */
const GOLDEN = 2e-6;

/** One layer that all frameworks were given, and its input. */
const data = [1, -2, 3, 0.5, 4, 2, -1, 7, 0, 1, 2.5, -3];
const x = tensor(new Float32Array(data), [3, 2, 2]);
const [gamma, beta, mean, variance] = [[1.5, -0.5], [0.25, 2], [0.5, 1], [2, 0.75]];
const keras = { gamma, beta, moving_mean: mean, moving_variance: variance };
const torch = { weight: gamma, bias: beta, running_mean: mean, running_var: variance };
const onnx = { scale: gamma, B: beta, input_mean: mean, input_var: variance };

/** In training with channels last, and the statistics of the batch; by TensorFlow 2.21's fused kernel. */
const LAST = {
  y: [
    [-0.2514576315879822, 2.4526877403259277, 1.4678255319595337, 2.064669609069824],
    [2.3274669647216797, 1.8318588733673096, -1.970740795135498, 1.0558226108551025],
    [-1.111099123954773, 1.9870660305023193, 1.0380046367645264, 2.6078951358795166],
  ].flat(),
  mean: [1.5833333730697632, 0.9166666865348816],
  unbiased: [3.641667127609253, 12.441668510437012],
};

/** In training with the channels on axis 1; by onnx 1.23.1's ReferenceEvaluator. */
const FIRST = {
  y: [
    [0.25, -2.2110629081726074, 1.7648968696594238, 2.156735420227051],
    [2.7110629081726074, 1.0703542232513428, 2.391838550567627, 1.1379550695419312],
    [-0.5703542828559875, 0.25, 1.8432645797729492, 2.7053093910217285],
  ].flat(),
  movingMean: [0.6000000238418579, 1.100000023841858],
  movingVariance: [2.2666666507720947, 2.633333206176758],
};

/** In inference with the channels on axis 1; by the same. */
const FIRST_INFERENCE = [
  [0.779009222984314, -2.3950462341308594, 0.8529213666915894, 2.2867696285247803],
  [3.9530646800994873, 1.837027668952942, 3.147078514099121, -1.4412360191345215],
  [-0.27900922298431396, 0.779009222984314, 1.1396909952163696, 4.294157028198242],
].flat();

/** The old value with weight 0.8 and the new one with 0.2. */
const moved = (from: number[], to: number[]) => from.map((old, i) => 0.8 * old + 0.2 * to[i]);
const biased = (unbiased: number[]) => unbiased.map((value) => value * 5 / 6);

/** Runs batch norm as imported and compares all that comes out of it. */
async function assertRuns(
  { params, state, options }: ImportedBatchNorm,
  input: Tensor,
  expected: { y: number[]; movingMean: number[]; movingVariance: number[] },
): Promise<void> {
  const result = await batchNorm(input, params, state, { ...options, runtime });
  assertClose(result.y.data, expected.y, GOLDEN, "y");
  assertClose(result.state.movingMean.data, expected.movingMean, GOLDEN, "movingMean");
  assertClose(result.state.movingVariance.data, expected.movingVariance, GOLDEN, "movingVariance");
}

async function assertInfers(imported: ImportedBatchNorm, input: Tensor, y: number[]) {
  const { params, state, options } = imported;
  const result = await batchNorm(input, params, state, { ...options, training: false, runtime });
  assertClose(result.y.data, y, GOLDEN, "y");
}

describe("fromTensorFlow", () => {
  const options = { decay: 0.8, epsilon: 1e-2, scale: true };
  const movingMean = moved(mean, LAST.mean);

  it("moves the variance as the fused kernel does on rank 4", async () => {
    const movingVariance = moved(variance, LAST.unbiased);
    const expected = { y: LAST.y, movingMean, movingVariance };
    await assertRuns(fromTensorFlow(keras, options), tensor(x.data, [3, 2, 1, 2]), expected);
  });

  it("moves the variance as the composed ops do on rank 3 and without fused", async () => {
    const movingVariance = moved(variance, biased(LAST.unbiased));
    const expected = { y: LAST.y, movingMean, movingVariance };
    await assertRuns(fromTensorFlow(keras, options), x, expected);
    const composed = fromTensorFlow(keras, { ...options, fused: false });
    await assertRuns(composed, tensor(x.data, [3, 2, 1, 2]), expected);
  });

  it("has tf.contrib's defaults", () => {
    const { gamma: _, ...weights } = keras;
    const { params, options } = fromTensorFlow(weights);
    assertEquals(params, { beta: tensor(beta) });
    assertEquals(options, { decay: 0.999, epsilon: 1e-3, dataFormat: "NHWC", fused: true });
    const { params: none } = fromTensorFlow(
      { moving_mean: mean, moving_variance: variance },
      { center: false, data_format: "NCHW" },
    );
    assertEquals(none, {});
  });

  it("goes on with a moving mean that is corrected for its start", async () => {
    // Batch means 1, 3 and -2 with decay 0.9: docs/semantics.md, section 5.11.
    const { params, state, options } = fromTensorFlow({
      beta: [0],
      moving_mean: [2.0526315789473686],
      moving_variance: [1],
      biased: [0.39],
      local_step: tensor(2),
    }, { decay: 0.9, zero_debias_moving_mean: true });
    const batch = tensor([[-2], [-2]]);
    const { state: next } = await batchNorm(batch, params, state, { ...options, runtime });
    assertClose(next.movingMean.data, [0.5571955719557198], 1e-6);
    assertClose(next.debias!.biased.data, [0.151], 1e-6);
    assertEquals(next.debias!.localStep, tensor(3));
  });

  it("goes on with renorm as of TensorFlow 1.15", async () => {
    // The second of two batches: docs/semantics.md, section 5.11.
    const { params, state, options } = fromTensorFlow({
      moving_mean: [0.025],
      moving_variance: [1.0013710260361812],
      moving_stddev: [1.0011848111293844],
      renorm_mean: [0.5],
      renorm_stddev: [1.0236962225876869],
    }, {
      decay: 0.99,
      center: false,
      renorm: true,
      renorm_clipping: { rmax: 1.1, rmin: 0.9, dmax: 0.1 },
      renorm_decay: 0.8,
    });
    const batch = tensor([[0], [1], [0], [5]]);
    const { y, state: next } = await batchNorm(batch, params, state, { ...options, runtime });
    assertClose(y.data, [-0.70027342, -0.16675781, -0.70027342, 1.96730464], 1e-6);
    assertClose(next.renorm!.renormMean.data, [0.7], 1e-6);
    assertClose(next.renorm!.renormStddev.data, [1.2313160449038982], 1e-6);
    assertClose(next.renorm!.movingStddev.data, [1.011790916359778], 1e-6);
    assertClose(next.movingVariance.data, [1.0227208584281595], 1e-6);
  });
});

/** What `get_config()` of Keras 3.15.1 says. */
const config = {
  name: "batch_normalization_1",
  trainable: true,
  dtype: { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } },
  axis: 1,
  momentum: 0.8,
  epsilon: 0.01,
  center: true,
  scale: true,
  beta_initializer: { module: "keras.initializers", class_name: "Zeros", config: {} },
  gamma_initializer: { module: "keras.initializers", class_name: "Ones", config: {} },
  moving_mean_initializer: { module: "keras.initializers", class_name: "Zeros", config: {} },
  moving_variance_initializer: { module: "keras.initializers", class_name: "Ones", config: {} },
  beta_regularizer: null,
  gamma_regularizer: null,
  beta_constraint: null,
  gamma_constraint: null,
  synchronized: false,
  renorm: false,
  renorm_clipping: null,
  renorm_momentum: 0.99,
};

describe("fromKeras", () => {
  it("trains as Keras does on axis 1, by the layer's whole configuration", async () => {
    await assertRuns(fromKeras(keras, config), x, FIRST);
    await assertInfers(fromKeras(keras, config), x, FIRST_INFERENCE);
  });

  it("trains as Keras does on the last axis", async () => {
    const expected = {
      y: LAST.y,
      movingMean: [0.7166666984558105, 0.9833333492279053],
      movingVariance: [2.206944465637207, 2.6736111640930176],
    };
    for (const axis of [-1, 2, [2], [-1]]) {
      await assertRuns(fromKeras(keras, { ...config, axis }), x, expected);
    }
  });

  it("moves the variance as TensorFlow's fused kernel if that is what ran", async () => {
    const expected = {
      y: LAST.y,
      movingMean: moved(mean, LAST.mean),
      movingVariance: moved(variance, LAST.unbiased),
    };
    const fused = fromKeras(keras, { ...config, axis: [3] }, { fused: true });
    await assertRuns(fused, tensor(x.data, [3, 2, 1, 2]), expected);
  });

  it("trains with renorm as Keras does", async () => {
    // By Keras 3.15.1 on TensorFlow 2.21.
    const { params, state, options } = fromKeras({
      ...keras,
      moving_stddev: variance.map(Math.sqrt),
      renorm_mean: [0.4, 0.9],
      renorm_stddev: [1.3, 1.8],
    }, {
      momentum: 0.8,
      epsilon: 1e-2,
      renorm: true,
      renorm_clipping: { rmax: 1.1, rmin: 0.9, dmax: 0.1 },
      renorm_momentum: 0.7,
    });
    const { y, state: next } = await batchNorm(x, params, state, { ...options, runtime });
    assertClose(
      y.data,
      [
        [-0.15160346031188965, 2.4933269023895264, 1.7396080493927002, 2.066506862640381],
        [2.685213804244995, 1.8104150295257568, -2.0428149700164795, 0.9567751884460449],
        [-1.0972092151641846, 1.9811429977416992, 1.2668051719665527, 2.6640548706054688],
      ].flat(),
      GOLDEN,
    );
    assertClose(next.movingMean.data, [0.7166666984558105, 0.9833333492279053], GOLDEN);
    assertClose(next.movingVariance.data, [2.1814467906951904, 1.7778903245925903], GOLDEN);
    assertClose(next.renorm!.movingStddev.data, [1.480353593826294, 1.3371201753616333], GOLDEN);
    assertClose(next.renorm!.renormMean.data, [0.7549999952316284, 0.9049999713897705], GOLDEN);
    assertClose(next.renorm!.renormStddev.data, [1.433474063873291, 2.226449728012085], GOLDEN);
  });

  it("has Keras' defaults, and stays in inference where the layer is not trainable", () => {
    const expected = {
      decay: 0.99,
      epsilon: 1e-3,
      dataFormat: "channelsLast" as const,
      unbiasedMovingVariance: false,
    };
    assertEquals(fromKeras(keras).options, expected);
    const frozen = fromKeras(keras, { trainable: false });
    assertEquals(frozen.options, { ...expected, training: false });
  });
});

describe("fromPyTorch", () => {
  it("trains by PyTorch's definition: unbiased variance, momentum of the new value", async () => {
    // 0.8 old + 0.2 new, with 6 values per channel and the moments of FIRST.
    const movingVariance = [0.8 * 2 + 0.2 * 4, 0.8 * 0.75 + 0.2 * 12.2];
    const imported = fromPyTorch(torch, { momentum: 0.2, eps: 1e-2 });
    await assertRuns(imported, x, { ...FIRST, movingVariance });
  });

  it("infers as ONNX does, which has the same formula and axis", async () => {
    await assertInfers(fromPyTorch(torch, { eps: 1e-2 }), x, FIRST_INFERENCE);
  });

  it("has PyTorch's defaults, and takes entries of a safetensors file", () => {
    const names = Object.entries({ ...torch, num_batches_tracked: [7] });
    const file = writeSafetensors(
      Object.fromEntries(names.map(([name, values]) => [`bn1.${name}`, tensor(values)])),
    );
    const { params, state, options } = fromPyTorch(
      readSafetensors(file, { prefix: "bn1." }).tensors,
    );
    assertEquals(params, { beta: tensor(beta), gamma: tensor(gamma) });
    assertEquals(state, { movingMean: tensor(mean), movingVariance: tensor(variance) });
    assertEquals(options, {
      decay: 0.9,
      epsilon: 1e-5,
      dataFormat: "channelsFirst",
      unbiasedMovingVariance: true,
    });
    const { weight: _w, bias: _b, ...plain } = torch;
    assertEquals(fromPyTorch(plain, { affine: false }).params, {});
  });
});

describe("fromOnnx", () => {
  it("trains as ONNX does with training_mode", async () => {
    const attributes = { momentum: 0.8, epsilon: 1e-2, training_mode: 1 as const };
    await assertRuns(fromOnnx(onnx, attributes), x, FIRST);
  });

  it("infers as ONNX does without", async () => {
    const { params, state, options } = fromOnnx(onnx, { epsilon: 1e-2 });
    const { y } = await batchNorm(x, params, state, { ...options, runtime });
    assertClose(y.data, FIRST_INFERENCE, GOLDEN);
  });

  it("has ONNX's defaults", () => {
    assertEquals(fromOnnx(onnx).options, {
      training: false,
      decay: 0.9,
      epsilon: 1e-5,
      dataFormat: "channelsFirst",
      unbiasedMovingVariance: false,
    });
  });
});

describe("a conversion", () => {
  const float = fc.float({ noNaN: true, min: -100, max: 100 });
  const channels = fc.integer({ min: 1, max: 5 }).chain((n) => {
    const vector = (of: fc.Arbitrary<number>) =>
      fc.tuple(fc.array(of, { minLength: n, maxLength: n }), fc.constantFrom(0, 1, 2)).map(
        ([values, form]) =>
          [values, new Float32Array(values), tensor(new Float32Array(values))][form],
      );
    const spread = fc.float({ noNaN: true, min: 0, max: 100 });
    return fc.tuple(vector(float), vector(float), vector(float), vector(spread));
  });
  const numbers = (vector: Tensor | Float32Array | readonly number[]) => [
    ..."data" in vector ? vector.data : Float32Array.from(vector),
  ];

  it("gives the same numbers from every framework and form, and shares none", () => {
    fc.assert(
      fc.property(channels, ([gamma, beta, mean, variance]) => {
        const before = structuredClone([gamma, beta, mean, variance]);
        const all = [
          fromKeras({ gamma, beta, moving_mean: mean, moving_variance: variance }),
          fromTensorFlow({ gamma, beta, moving_mean: mean, moving_variance: variance }, {
            scale: true,
          }),
          fromPyTorch({ weight: gamma, bias: beta, running_mean: mean, running_var: variance }),
          fromOnnx({ scale: gamma, B: beta, input_mean: mean, input_var: variance }),
        ];
        for (const { params, state } of all) {
          const found = [params.gamma!, params.beta!, state.movingMean, state.movingVariance];
          assertEquals(found.map(numbers), before.map(numbers));
          for (const { shape, data } of found) {
            assertEquals(shape, [data.length]);
            data.fill(NaN);
          }
        }
        assertEquals([gamma, beta, mean, variance], before);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it("is plain data, new at every call", () => {
    const [a, b] = [fromPyTorch(torch), fromPyTorch(torch)];
    assertEquals(a, b);
    assertEquals(structuredClone(a), a);
    assertNotStrictEquals(a.state.movingMean.data, b.state.movingMean.data);
    assert(!Object.keys(a.state).includes("renorm"));
  });
});
