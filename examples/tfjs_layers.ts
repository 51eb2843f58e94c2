/**
 * Layers of kernorm in TensorFlow.js: loads a denoiser that was made with Keras, and trains it further.
 *
 *     deno task tfjs-layers [image.png ...] [--steps=40] [--seed=1]
 *
 * The model has an InstanceNormalization of TensorFlow Addons, a GroupNormalization of Keras and a GDN of
 * TensorFlow Compression, none of which TensorFlow.js knows: without the layers that are registered here,
 * `tf.loadLayersModel` fails with "Unknown layer: Addons>InstanceNormalization". It has learnt to take
 * noise of a deviation of 0.1 off pictures. Here it is trained on stronger noise, at which it is bad;
 * the gradients go through kernorm.
 *
 * @module
 */
import { createRuntime, readSafetensors } from "../mod.ts";
import { argumentsOf, pictures, progress, run } from "./shared/command.ts";
import type { Picture } from "./shared/image.ts";
import { openRandom, type Random } from "./shared/random.ts";
import { tf } from "./tfjs_layers/library.ts";
import { saved } from "./tfjs_layers/memory.ts";
import { ratio, type Squares, squares } from "./tfjs_layers/noise.ts";
import { registerLayers } from "./tfjs_layers/register.ts";
import type { Model, TfTensor } from "./tfjs_layers/tensorflow.ts";

const USAGE = "Usage: deno task tfjs-layers [image.png ...] [--steps=40] [--seed=1]";
const FOLDER = new URL("tfjs_layers/denoiser/", import.meta.url);
/** The deviation of the noise that the model knows, and of that which it learns here. */
const KNOWN = 0.1;
const STRONGER = 0.25;
const TEST = { count: 4, side: 40 };
const BATCH = { count: 4, side: 16 };

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options: { steps, seed }, files } = argumentsOf(args, USAGE, { steps: 40, seed: 1 });
  const all = await pictures(files, seed, TEST.side);
  await using runtime = await createRuntime({ backend: "wasm" });
  registerLayers(tf, runtime);

  const model = await tf.loadLayersModel(new URL("model.json", FOLDER).href);
  console.log(
    `loaded ${model.name}: ${model.layers.map((layer) => layer.getClassName()).join(", ")}`,
  );
  console.log(`differs from Keras by ${(await difference(model)).toExponential(1)} at most`);

  const random = openRandom(seed);
  const known = squares(tf, all, { ...TEST, noise: KNOWN }, random);
  const stronger = squares(tf, all, { ...TEST, noise: STRONGER }, random);
  tell(`noise of ${KNOWN}`, model, known);
  tell(`noise of ${STRONGER}`, model, stronger);
  await train(model, all, steps, random);
  tell(`noise of ${STRONGER}, trained`, model, stronger);
  console.log(`saved, loaded: differs by ${await differenceOfCopy(model, known.noisy)}`);
  tf.dispose([known.noisy, known.clean, stronger.noisy, stronger.clean]);
  model.dispose();
  console.log(`tensors left behind: ${tf.memory().numTensors}`);
}

/** The largest difference of the model's results to those that Keras computed. */
async function difference(model: Model): Promise<number> {
  const { tensors } = readSafetensors(await Deno.readFile(new URL("keras.safetensors", FOLDER)));
  const { noisy, denoised } = tensors;
  return largestDifference(
    () => model.predict(tf.tensor(noisy.data, [...noisy.shape], "float32")),
    () => tf.tensor(denoised.data, [...denoised.shape], "float32"),
  );
}

/** Trains the model on squares of the pictures with stronger noise. */
async function train(
  model: Model,
  all: readonly Picture[],
  steps: number,
  random: Random,
): Promise<void> {
  const optimizer = tf.train.adam(0.01);
  model.compile({ optimizer, loss: "meanSquaredError" });
  const line = progress(steps);
  for (let step = 1; step <= steps; step++) {
    const { noisy, clean } = squares(tf, all, { ...BATCH, noise: STRONGER }, random);
    const loss = await model.trainOnBatch(noisy, clean) as number;
    tf.dispose([noisy, clean]);
    line(step, `loss ${loss.toFixed(5)}`);
  }
  optimizer.dispose();
}

/** The largest difference of a copy of the model that was saved and loaded. */
async function differenceOfCopy(model: Model, x: TfTensor): Promise<number> {
  const copy = await tf.loadLayersModel(tf.io.fromMemory(await saved(tf, model)));
  const far = largestDifference(() => copy.predict(x), () => model.predict(x));
  copy.dispose();
  return far;
}

/** The largest difference of what two functions compute; their tensors are not kept. */
function largestDifference(a: () => unknown, b: () => unknown): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a() as TfTensor, b() as TfTensor))).dataSync()[0]);
}

function tell(what: string, model: Model, { noisy, clean }: Squares): void {
  const denoised = model.predict(noisy) as TfTensor;
  const before = ratio(tf, noisy, clean).toFixed(1);
  const after = ratio(tf, denoised, clean).toFixed(1);
  denoised.dispose();
  console.log(`${what}: ${before} dB, denoised ${after} dB`);
}
