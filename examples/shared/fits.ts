/**
 * Fits that take minutes together. Those that are finished are in a file, which a run that was
 * interrupted leaves behind and the next one takes up.
 *
 * @module
 */
import { ExampleError, progress, reason } from "./command.ts";

/** What is to be fitted, and where the finished fits are. */
export interface Work<S, T> {
  /** Each of them says all that decides about its fit, and is the fit's name in the file. */
  readonly settings: readonly S[];
  readonly stepsOf: (setting: S) => number;
  readonly nameOf: (setting: S) => string;
  /** Makes a fit, and says how many steps it has done since it last said so. */
  readonly fit: (setting: S, onSteps: (count: number) => void) => Promise<T>;
  /** How many fits are under way at the same time; 1 by default. */
  readonly lanes?: number;
  /** The folder of the file, which is made if it is not there. */
  readonly folder: string;
  readonly file: string;
}

/** All fits, in the order of their settings. */
export interface Fits<T> {
  readonly results: readonly T[];
  /** Removes the file: when everything is done, the next run is to begin from the start. */
  readonly forget: () => Promise<void>;
}

/**
 * Makes all fits that the file does not have, and says how far it is.
 *
 * @throws {ExampleError} If the file cannot be read or written, or is something else.
 */
export async function allFits<S, T>(work: Work<S, T>): Promise<Fits<T>> {
  const { settings, stepsOf, nameOf, fit, lanes = 1, folder, file } = work;
  const path = `${folder}/${file}`;
  const finished = await readFinished(path);
  const keys = settings.map((setting) => JSON.stringify(setting));
  const open = settings.filter((_, i) => !Object.hasOwn(finished, keys[i]));
  const taken = settings.length - open.length;
  if (taken > 0) console.error(`found ${taken} of ${settings.length} fits in ${path}`);
  // What cannot be written is known before the work. After that, one write follows the other.
  let written = write(path, folder, finished);
  await written;
  const tell = progress(open.reduce((sum, setting) => sum + stepsOf(setting), 0));
  let done = 0;
  const waiting = open.values();
  const lane = async () => {
    for (const setting of waiting) {
      const result = await fit(setting, (count) => tell(done += count, nameOf(setting)));
      finished[JSON.stringify(setting)] = result;
      written = written.then(() => write(path, folder, finished));
      await written;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return {
    results: keys.map((key) => finished[key] as T),
    forget: () => Deno.remove(path),
  };
}

/** A few hexadecimal digits of a hash: fits to other data are not taken for fits to these. */
export async function digestOf(
  parts: readonly (string | Float32Array | Uint8Array)[],
): Promise<string> {
  const own = parts.map((part) => typeof part === "string" ? part : part.slice()); // also of shared memory
  const hash = await crypto.subtle.digest("SHA-256", await new Blob(own).arrayBuffer());
  return Array.from(new Uint8Array(hash, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

async function readFinished(path: string): Promise<Record<string, unknown>> {
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw new ExampleError(`Cannot read ${path}: ${reason(error)}`);
  }
  try {
    // A number that is none, of a training that diverged, is null in JSON.
    const value = JSON.parse(text, (_, value) => value === null ? NaN : value);
    if (typeof value !== "object" || Array.isArray(value)) throw new Error("something else");
    return value;
  } catch (error) {
    throw new ExampleError(`Cannot read ${path}: it must be finished fits, got ${reason(error)}`);
  }
}

/** The file is complete at every moment: it is written beside the old one and then takes its place. */
async function write(path: string, folder: string, finished: object): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${path}.part`, JSON.stringify(finished));
    await Deno.rename(`${path}.part`, path);
  } catch (error) {
    throw new ExampleError(`Cannot write ${path}: ${reason(error)}`);
  }
}
