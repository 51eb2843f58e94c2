/**
 * Norms and the batch size: one small classifier, trained with each norm at each batch size.
 *
 *     deno task batch-size [--seed=1] [--samples=24000]
 *
 * Wu and He, "Group Normalization", 2018, train ResNet-50 on ImageNet: with 32 images per worker batch
 * norm and group norm end within half a per cent of each other, and at 2 images the error of batch norm
 * is ten per cent higher than that of group norm, whose error does not depend on the batch size. Ioffe,
 * "Batch Renormalization", 2017, reports that renorm loses less than batch norm on small batches. Here:
 * made-up textures of ten kinds, a network of three layers without convolutions whose first two are
 * shared by the sixteen patches of a texture (so that batch norm pools samples and patches, as it pools
 * samples and places in a convolutional network), plain SGD with momentum for as many samples at every
 * batch size, and a learning rate in proportion to the batch size, as in the paper.
 *
 * @module
 */
import { createRuntime, type Runtime } from "../mod.ts";
import { type Batch, errorOf, type Norm, start, trainer } from "./batch_size/classifier.ts";
import { batchOf, KINDS, POINTS, type Textures, textures } from "./batch_size/textures.ts";
import { chart } from "./shared/chart.ts";
import { argumentsOf, ExampleError, progress, run, writeChart } from "./shared/command.ts";
import { openRandom } from "./shared/random.ts";

const USAGE = "Usage: deno task batch-size [--seed=1] [--samples=24000]";
const NORMS: readonly Norm[] = ["batch", "renorm", "group", "layer", "none"];
const SIZES = [2, 4, 8, 16, 32];
/** Each is trained this often, from other weights, and the mean is shown. */
const RUNS = 2;
const TEST = 4000;
/** For a batch of 32. */
const LEARNING_RATE = 0.1;

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options } = argumentsOf(args, USAGE, { seed: 1, samples: 24000 }, 0);
  if (options.samples < SIZES.at(-1)!) throw new ExampleError(USAGE);
  const random = openRandom(options.seed);
  const train = textures(options.samples, random);
  const test = batchOf(textures(TEST, random), Array.from({ length: TEST }, (_, i) => i));
  await using runtime = await createRuntime({ backend: "wasm" });
  const perRun = SIZES.reduce((sum, size) => sum + Math.floor(train.count / size), 0);
  const tell = progress(NORMS.length * RUNS * perRun);
  let done = 0;
  const rows: { readonly norm: Norm; readonly errors: number[]; readonly runs: number[][] }[] = [];
  for (const norm of NORMS) {
    const runs: number[][] = [];
    for (const size of SIZES) {
      const errors: number[] = [];
      for (let i = 0; i < RUNS; i++) {
        const seed = options.seed + 1 + i;
        const error = await errorAfter(norm, size, train, test, seed, runtime, () => {
          tell(++done, `${norm} at ${size}`);
        });
        errors.push(100 * error);
      }
      runs.push(errors);
    }
    rows.push({ norm, errors: runs.map(meanOf), runs });
  }
  console.log(`${"error, %".padEnd(12)}${SIZES.map((size) => `${size}`.padStart(9)).join("")}`);
  for (const { norm, errors } of rows) {
    const cells = errors.map((error) =>
      (Number.isNaN(error) ? "diverged" : error.toFixed(1)).padStart(9)
    );
    console.log(`${norm.padEnd(12)}${cells.join("")}`);
  }
  const svg = chart("Error by the batch size of the training", [{
    title: `${TEST} new textures, mean and range of ${RUNS} runs`,
    x: "samples per batch",
    y: "error, %",
    logarithmic: true,
    ticks: SIZES,
    lines: rows.map(({ norm, errors, runs }) => {
      const ended = SIZES.map((_, i) => i).filter((i) => !Number.isNaN(errors[i]));
      return {
        name: norm,
        points: ended.map((i): [number, number] => [SIZES[i], errors[i]]),
        bars: ended.map((i): [number, number] => [Math.min(...runs[i]), Math.max(...runs[i])]),
      };
    }),
  }]);
  await writeChart(new URL("batch_size/batch_size.svg", import.meta.url).pathname, svg);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The error of a model that has been trained on every sample once. */
async function errorAfter(
  norm: Norm,
  size: number,
  train: Textures,
  test: Batch,
  seed: number,
  runtime: Runtime,
  onStep: () => void,
): Promise<number> {
  let training = start(POINTS, KINDS, openRandom(seed));
  const step = trainer(norm, runtime);
  const steps = Math.floor(train.count / size);
  for (let i = 0; i < steps; i++) {
    const indices = Array.from({ length: size }, (_, k) => i * size + k);
    // The rate falls along a cosine, as it does in steps in the paper.
    const learningRate = LEARNING_RATE * size / 32 * 0.5 * (1 + Math.cos(Math.PI * i / steps));
    training = await step({ ...training, ...batchOf(train, indices), learningRate });
    onStep();
  }
  return await errorOf(norm, training, test, runtime);
}
