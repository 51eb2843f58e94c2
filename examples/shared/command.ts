/**
 * What the examples' commands share: arguments, pictures, progress and the file at the end.
 *
 * @module
 */
import { decodePicture, type Picture } from "./image.ts";
import { leaves } from "./leaves.ts";

/** A reason to stop that the user can do something about. */
export class ExampleError extends Error {}

/** Runs an example and ends with a clear message if the user can do something about an error. */
export async function run(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ExampleError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}

/** Options `--name=number` and plain arguments. */
export function argumentsOf<K extends string>(
  args: readonly string[],
  usage: string,
  defaults: Readonly<Record<K, number>>,
): { readonly options: Record<K, number>; readonly files: readonly string[] } {
  const options: Record<string, number> = { ...defaults };
  const files: string[] = [];
  for (const argument of args) {
    const [, name, value] = /^--([a-z]+)=(\d+)$/.exec(argument) ?? [];
    if (name !== undefined && Object.hasOwn(defaults, name)) options[name] = Number(value);
    else if (argument.startsWith("-")) throw new ExampleError(usage);
    else files.push(argument);
  }
  return { options: options as Record<K, number>, files };
}

/** The user's pictures, or some that are made up. */
export async function pictures(files: readonly string[], seed: number): Promise<Picture[]> {
  if (files.length === 0) return [0, 1, 2].map((i) => leaves(256, seed + i));
  return await Promise.all(files.map(async (path) => {
    try {
      return await decodePicture(await Deno.readFile(path));
    } catch (error) {
      throw new ExampleError(
        `Cannot read ${path}: it must be a PNG, got ${(error as Error).message}`,
      );
    }
  }));
}

/** Says how far the work is, at most twice a second, on one line. */
export function progress(total: number): (done: number, what: string) => void {
  const start = performance.now();
  let told = -Infinity;
  const isLive = Deno.stderr.isTerminal();
  return (done, what) => {
    const now = performance.now();
    if (done < total && now - told < (isLive ? 500 : 5000)) return;
    told = now;
    const left = done === 0
      ? ""
      : `, ${Math.ceil((now - start) / done * (total - done) / 1000)} s left`;
    const text = `${Math.floor(100 * done / total)} % ${what}${left}`;
    Deno.stderr.writeSync(
      new TextEncoder().encode(
        isLive ? `\r${text.padEnd(78)}${done >= total ? "\n" : ""}` : `${text}\n`,
      ),
    );
  };
}

/** Writes the picture of an example. */
export async function writeChart(path: string, svg: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, svg);
  } catch (error) {
    throw new ExampleError(`Cannot write ${path}: ${(error as Error).message}`);
  }
  console.log(`wrote ${path}`);
}
