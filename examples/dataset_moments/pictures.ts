/**
 * The moments of a replica's share of the pictures.
 *
 * @module
 */
import {
  createRuntime,
  mergeMoments,
  type Moments,
  moments,
  type ReplicaGroup,
  tensor,
} from "../../mod.ts";
import { ExampleError, reason } from "../shared/command.ts";
import { decodeColours } from "../shared/image.ts";

/** Moments of colours, and the pictures that were left out with the reason. */
export interface Share {
  readonly moments: Moments;
  readonly skipped: readonly string[];
}

/**
 * Takes the moments of a share of a folder's pictures, one after the other.
 *
 * @param folder Its name; `{rank}` in it stands for the replica's number.
 * @param unreadable How many pictures may be left out.
 * @param progress Opens a display of how far the work is.
 */
export async function momentsOf(
  folder: string,
  { rank, size }: ReplicaGroup,
  unreadable: number,
  progress: (total: number) => (done: number, what: string) => void,
): Promise<Share> {
  const own = folder.replaceAll("{rank}", `${rank}`);
  const all = await picturesIn(own);
  const share = own === folder ? all.filter((_, i) => i % size === rank) : all;
  await using runtime = await createRuntime({ backend: "wasm" });
  const tell = progress(share.length);
  const skipped: string[] = [];
  // The moments of no points at all.
  let total = await moments(tensor(new Float32Array(0), [0, 3]), { runtime });
  for (const [i, path] of share.entries()) {
    tell(i, path);
    try {
      const { width, height, data } = await decodeColours(await Deno.readFile(path));
      const x = { shape: [1, height, width, 3], data: data as Float32Array<ArrayBuffer> };
      total = mergeMoments(total, await moments(x, { runtime }));
    } catch (error) {
      skipped.push(`${path}: ${reason(error)}`);
      if (skipped.length > unreadable) throw new ExampleError(`Cannot read ${skipped.at(-1)}`);
    }
  }
  if (share.length > 0) tell(share.length, "done");
  return { moments: total, skipped };
}

/** The PNGs of a folder in the order of their names. */
async function picturesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && /\.png$/i.test(name)) names.push(name);
    }
  } catch (error) {
    throw new ExampleError(`Cannot read ${folder}: ${reason(error)}`);
  }
  return names.sort().map((name) => `${folder}/${name}`);
}
