/**
 * Mean and variance of the colours of a folder of pictures, as exact as if all points were in one
 * tensor, by replicas that take a share of the files each: processes under MPI, on one machine or several.
 *
 *     mpirun -n 4 deno task dataset-moments <folder> [statistics.safetensors] [--unreadable=0]
 *     deno task dataset-moments <folder> --replicas=4
 *
 * The pictures are PNGs, taken in the order of their names and one at a time, so that memory does not
 * grow with their number. A folder's name with `{rank}` in it is another folder for every replica, which
 * takes all of it: a data set that no machine has as a whole. A picture that cannot be read ends the run
 * with its name, unless so many are allowed; then all of them are named in the end.
 *
 * The file that is written is a state for `batchNorm` in inference, whose statistics are then those of the
 * whole data set. With `--replicas` all is done in one process, which needs no MPI.
 *
 * @module
 */
import { allMergeMoments, type ReplicaGroup, writeSafetensors } from "../mod.ts";
import { openMpi } from "../ops/mpi/mod.ts";
import { momentsOf } from "./dataset_moments/pictures.ts";
import { statisticsOf } from "./dataset_moments/statistics.ts";
import { argumentsOf, ExampleError, progress, run } from "./shared/command.ts";
import { inOneProcess } from "./shared/in_one_process.ts";
import { openOutput } from "./shared/output.ts";

const USAGE =
  "Usage: deno task dataset-moments <folder> [statistics.safetensors] [--unreadable=0] [--replicas=1]";
const DEFAULTS = { unreadable: 0, replicas: 0 };

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files: [folder, path] } = argumentsOf(args, USAGE, DEFAULTS, 2);
  if (folder === undefined) throw new ExampleError(USAGE);
  const measure = (group: ReplicaGroup) => measured(group, folder, path, options.unreadable);
  if (options.replicas > 0) {
    await inOneProcess(options.replicas, measure);
    return;
  }
  await using mpi = await openMpi();
  await measure(mpi);
}

/** Takes the moments of this replica's share; replica 0 says what has come of all. */
export async function measured(
  group: ReplicaGroup,
  folder: string,
  path: string | undefined,
  unreadable: number,
): Promise<void> {
  const isFirst = group.rank === 0;
  await using output = isFirst && path !== undefined ? await openOutput(path) : undefined;
  const tell = isFirst ? progress : () => () => {};
  const own = await momentsOf(folder, group, unreadable, tell);
  const all = await allMergeMoments(group, own.moments);
  const skipped = (await allTexts(group, own.skipped.join("\n"))).filter((text) => text !== "");
  // One of them speaks for all; an error of it ends the others too.
  if (!isFirst) return;
  const names = skipped.flatMap((text) => text.split("\n"));
  if (names.length > unreadable) {
    throw new ExampleError(`Cannot read ${names.length} pictures:\n${names.join("\n")}`);
  }
  const { points, mean, variance } = statisticsOf(all);
  if (points === 0) throw new ExampleError(`Cannot take moments: ${folder} has no PNG`);
  for (const name of names) console.log(`left out: ${name}`);
  console.log(`${points} points by ${group.size} replicas`);
  for (const [c, colour] of ["red", "green", "blue"].entries()) {
    const deviation = Math.sqrt(variance.data[c]);
    console.log(
      `${colour.padEnd(6)} mean ${mean.data[c].toFixed(6)} deviation ${deviation.toFixed(6)}`,
    );
  }
  if (output === undefined) return;
  await output.write(writeSafetensors({ movingMean: mean, movingVariance: variance }));
  console.log(`wrote ${path}`);
}

/** A text of every replica, in order of rank. */
async function allTexts(group: ReplicaGroup, text: string): Promise<string[]> {
  const parts = await group.allGather(Float64Array.from(new TextEncoder().encode(text)));
  return parts.map((part) => new TextDecoder().decode(Uint8Array.from(part)));
}
