import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { tf } from "../../../examples/tfjs_layers/library.ts";
import { saved } from "../../../examples/tfjs_layers/memory.ts";
import type { Model } from "../../../examples/tfjs_layers/tensorflow.ts";
import { assertClose, largest } from "../../support/close.ts";
import { randomTensor } from "../../support/random.ts";
import { leavesNoTensors, registered, tensorOf } from "./layers.ts";

describe("training of layers for TensorFlow.js", () => {
  const layers = registered();
  leavesNoTensors();

  /** A network with each layer; its weights are the same in every run. */
  function network(): Model {
    const normal = () => tf.initializers.randomNormal({ stddev: 0.3, seed: 5 });
    const dense = (units: number) =>
      tf.layers.dense({ units, kernelInitializer: normal(), useBias: false });
    const x = tf.input({ shape: [4, 3, 6] });
    const all = [
      dense(8),
      layers().gdn(),
      dense(8),
      layers().groupNormalization({ groups: 4, gammaRegularizer: "l1l2" }),
      layers().gdn({ inverse: true, alphaParameter: 2, epsilonParameter: 0.5 }),
      layers().instanceNormalization({ axis: 1 }),
      dense(2),
    ];
    const y = all.reduce((y, layer) => layer.apply(y) as typeof x, x);
    return tf.model({ inputs: x, outputs: y });
  }

  it("lowers a loss by model.fit, changes every weight, and keeps no tensors", async () => {
    const model = network();
    const x = tensorOf(randomTensor([16, 4, 3, 6], { seed: 1 }));
    const target = tensorOf(randomTensor([16, 4, 3, 2], { seed: 2 }));
    const optimizer = tf.train.adam(0.02);
    model.compile({ optimizer, loss: "meanSquaredError" });
    const start = model.getWeights().map((weight) => weight.dataSync().slice());
    const { history } = await model.fit(x, target, { epochs: 12, batchSize: 8, shuffle: false });
    const loss = history.loss as number[];
    assert(loss.at(-1)! < 0.8 * loss[0], `${loss}`);
    for (const [i, weight] of model.getWeights().entries()) {
      const moved = weight.dataSync().some((value, k) => value !== start[i][k]);
      assert(moved, model.weights[i].name);
    }
    const trained = tf.memory().numTensors;
    await model.fit(x, target, { epochs: 2, batchSize: 8 });
    assertEquals(tf.memory().numTensors, trained);
    model.dispose();
    optimizer.dispose();
    tf.dispose([x, target]);
  });

  it("takes the steps that ops of TensorFlow.js take", async () => {
    // One step of plain descent moves the weights by their gradients.
    const x = tensorOf(randomTensor([4, 5, 6], { seed: 1 }));
    const target = tensorOf(randomTensor([4, 5, 6], { seed: 2 }));
    const layer = layers().instanceNormalization({ inputShape: [5, 6] });
    const model = tf.sequential({ layers: [layer] });
    const optimizer = tf.train.sgd(0.5);
    model.compile({ optimizer, loss: "meanSquaredError" });
    await model.trainOnBatch(x, target);
    const found = layer.getWeights().map((weight) => weight.dataSync());
    const gamma = tf.tidy(() => tf.variable(tf.ones([6])));
    const beta = tf.tidy(() => tf.variable(tf.zeros([6])));
    optimizer.minimize(() => {
      const { mean, variance } = tf.moments(x, [1], true);
      const normal = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
      const y = tf.add(tf.mul(normal, gamma), beta);
      return tf.mean(tf.squaredDifference(y, target)) as ReturnType<typeof tf.scalar>;
    });
    // Gradients are sums of 20 products of numbers of about 1, each divided by 60, in float32.
    const rounding = 20 * 2 ** -24;
    for (const [i, expected] of [gamma.dataSync(), beta.dataSync()].entries()) {
      assertClose(found[i], expected, rounding * largest(expected), `weight ${i}`);
    }
    model.dispose();
    optimizer.dispose();
    tf.dispose([x, target, gamma, beta]);
  });

  it("goes on from a saved model", async () => {
    const model = network();
    const x = tensorOf(randomTensor([4, 4, 3, 6], { seed: 1 }));
    const target = tensorOf(randomTensor([4, 4, 3, 2], { seed: 2 }));
    const copy = await tf.loadLayersModel(tf.io.fromMemory(await saved(tf, model)));
    const optimizer = tf.train.sgd(0.01);
    const losses = [];
    for (const one of [model, copy]) {
      one.compile({ optimizer, loss: "meanSquaredError" });
      losses.push(await one.trainOnBatch(x, target), await one.trainOnBatch(x, target));
      one.dispose();
    }
    assertEquals(losses.slice(2), losses.slice(0, 2));
    optimizer.dispose();
    tf.dispose([x, target]);
  });
});

it("the example loads, predicts, trains, saves, and prints figures", async () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-lock",
      `--import-map=${root}tests/npm.import_map.json`,
      "--allow-read",
      `${root}examples/tfjs_layers.ts`,
      "--steps=2",
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, err);
  assertMatch(out, /^loaded denoiser: .*GDN, .*InstanceNormalization, .*GroupNormalization, /m);
  assertMatch(out, /^differs from Keras by \d\.\de-7 at most$/m);
  const [known] = out.match(/(?<=^noise of 0\.1: 20\.\d dB, denoised )\d+\.\d/m)!;
  assert(Number(known) > 22, out);
  assertMatch(out, /^noise of 0\.25, trained: 12\.\d dB, denoised 1\d\.\d dB$/m);
  assertMatch(out, /^saved, loaded: differs by 0$/m);
  assertMatch(out, /^tensors left behind: 0$/m);
});
