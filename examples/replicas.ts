/**
 * Trains a small network with batch norm on replicas that share every batch: processes under MPI, on one
 * machine or several.
 *
 *     mpirun -n 4 deno task replicas [checkpoint.safetensors] [--steps=600] [--every=100] [--batch=240]
 *     deno task replicas --replicas=4
 *
 * Every replica takes its part of the batch; batch norm takes mean and variance over all parts, and the
 * gradients are summed, so that any number of replicas trains the same network. With `--replicas` they
 * are in one process, which needs no MPI.
 *
 * A checkpoint is written every so many steps. The command resumes from the one that is there: it ends with
 * the same bits whether or not it was interrupted. MPI ends all processes with the first that dies, so
 * that starting the command again is the way to go on.
 *
 * @module
 */
import { createRuntime, type ReplicaGroup } from "../mod.ts";
import { openMpi } from "../ops/mpi/mod.ts";
import { resumed, save } from "./replicas/checkpoint.ts";
import { accuracy, openStep, start, type Training } from "./replicas/model.ts";
import { batchOf, part } from "./replicas/spirals.ts";
import { argumentsOf, ExampleError, progress, run } from "./shared/command.ts";
import { inOneProcess } from "./shared/in_one_process.ts";

const USAGE =
  "Usage: deno task replicas [checkpoint.safetensors] [--steps=600] [--every=100] [--batch=240] [--seed=1] [--replicas=1]";
const DEFAULTS = { steps: 600, every: 100, batch: 240, seed: 1, replicas: 0 };

/** What a training is told. */
export type Options = Readonly<Omit<typeof DEFAULTS, "replicas">>;

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files: [path] } = argumentsOf(args, USAGE, DEFAULTS, 1);
  if (options.every === 0 || options.batch === 0) throw new ExampleError(USAGE);
  if (options.replicas > 0) {
    await inOneProcess(options.replicas, (group) => trainAndTell(group, options, path));
    return;
  }
  await using mpi = await openMpi();
  if (mpi.rank === 0) console.log(`${mpi.size} replicas, ${mpi.version}`);
  await trainAndTell(mpi, options, path);
}

/** Replica 0 says how far the work is, and what has come of it. */
async function trainAndTell(
  group: ReplicaGroup,
  options: Options,
  path: string | undefined,
): Promise<void> {
  const isFirst = group.rank === 0;
  const training = await train(group, options, path, isFirst ? progress(options.steps) : undefined);
  if (!isFirst) return;
  // Inference needs no other replica.
  await using runtime = await createRuntime({ backend: "wasm" });
  const share = await accuracy(training, batchOf(1000, options.seed, -1), runtime);
  console.log(`${(100 * share).toFixed(1)} % of 1000 points right`);
}

/** Trains with this replica's share of every batch. */
export async function train(
  group: ReplicaGroup,
  { steps, every, batch, seed }: Options,
  path: string | undefined,
  tell: (done: number, what: string) => void = () => {},
): Promise<Training> {
  await using runtime = await createRuntime({ backend: "wasm" });
  const step = openStep(group, runtime);
  let training = await resumed(group, start(seed), path);
  const isSaved = group.rank === 0 && path !== undefined;
  // What cannot be written is known before the work, not after it.
  if (isSaved && training.steps === 0) await save(training, path);
  let loss = NaN;
  while (training.steps < steps) {
    // Here every replica draws the whole batch; other data would be read where they are needed.
    const own = part(batchOf(batch, seed, training.steps), group);
    ({ training, loss } = await step(training, own, batch));
    tell(training.steps, `loss ${loss.toFixed(4)}`);
    const isDue = training.steps % every === 0 || training.steps === steps;
    if (isDue && isSaved) await save(training, path);
  }
  return training;
}
