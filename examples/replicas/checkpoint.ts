/**
 * Checkpoints: all that a training is, in a safetensors file.
 *
 * @module
 */
import {
  flattenTree,
  readSafetensors,
  type ReplicaGroup,
  tensor,
  unflattenTree,
  writeSafetensors,
} from "../../mod.ts";
import { ExampleError, reason } from "../shared/command.ts";
import type { Training } from "./model.ts";

/**
 * Writes a checkpoint. The file is complete at every moment: it is written beside the old one and then
 * takes its place.
 *
 * @throws {ExampleError} If it cannot be written.
 */
export async function save(training: Training, path: string): Promise<void> {
  const { steps, ...rest } = training;
  const beside = `${path}.part`;
  try {
    await Deno.writeFile(beside, writeSafetensors(flattenTree(rest), { steps: `${steps}` }));
    await Deno.rename(beside, path);
  } catch (error) {
    throw new ExampleError(`Cannot write ${path}: ${reason(error)}`);
  }
}

/**
 * The training of a checkpoint, or `fresh` if there is none. Replica 0 reads the file and tells the
 * others, who may be on machines that do not have it.
 */
export async function resumed(
  group: ReplicaGroup,
  fresh: Training,
  path: string | undefined,
): Promise<Training> {
  if (path === undefined) return fresh;
  const own = group.rank === 0 ? await numbersIn(path, fresh) : new Float64Array(0);
  const [numbers] = await group.allGather(own);
  if (numbers.length === 0) return fresh;
  const { steps: _, ...form } = fresh;
  let at = 1;
  const tensors = Object.entries(flattenTree(form)).map(([name, { shape, data }]) => {
    const own = tensor(Float32Array.from(numbers.subarray(at, at + data.length)), [...shape]);
    at += data.length;
    return [name, own];
  });
  return { ...unflattenTree(form, Object.fromEntries(tensors)), steps: numbers[0] };
}

/** The steps and all numbers of a file, in the order of `fresh`; nothing if there is no file. */
async function numbersIn(path: string, fresh: Training): Promise<Float64Array> {
  let file;
  try {
    file = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Float64Array(0);
    throw new ExampleError(`Cannot read ${path}: ${reason(error)}`);
  }
  try {
    const { tensors, metadata } = readSafetensors(file);
    const { steps: _, ...form } = fresh;
    const read = Object.values(flattenTree(unflattenTree(form, tensors)));
    const steps = Number(metadata.steps);
    if (!Number.isSafeInteger(steps)) throw new Error(`no number of steps`);
    return Float64Array.from([steps, ...read.flatMap(({ data }) => [...data])]);
  } catch (error) {
    throw new ExampleError(`Cannot read ${path}: it must be a checkpoint, got ${reason(error)}`);
  }
}
