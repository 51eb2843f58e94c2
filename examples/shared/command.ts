/**
 * What the examples' commands share: arguments, pictures, progress and the file at the end.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { decodeColours, decodePicture, type Picture } from "./image.ts";
import { leaves } from "./leaves.ts";
import { PHOTOGRAPHS } from "./photographs.ts";

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

/** Options that are given as numbers or as texts, like their defaults. */
export type Options<D> = { readonly [N in keyof D]: D[N] extends number ? number : string };

/** Options `--name=number`, whole numbers from 0, or `--name=text`, and as many files as there may be. */
export function argumentsOf<D extends Readonly<Record<string, number | string>>>(
  args: readonly string[],
  usage: string,
  defaults: D,
  mostFiles = Infinity,
): { readonly options: Options<D>; readonly files: readonly string[] } {
  const { values, positionals } = parsedArguments(args, Object.keys(defaults), usage);
  const given = Object.entries(values).map(([name, value]): [string, number | string] => {
    const isNumber = typeof defaults[name] === "number";
    const isRight = isNumber
      ? /^\d+$/.test(value) && Number.isSafeInteger(Number(value))
      : value !== "";
    if (!isRight) throw new ExampleError(usage);
    return [name, isNumber ? Number(value) : value];
  });
  if (positionals.length > mostFiles) throw new ExampleError(usage);
  const options = { ...defaults, ...Object.fromEntries(given) };
  return { options: options as Options<D>, files: positionals };
}

/** Options `--name=text`, those that are given, and files. */
export function parsedArguments(
  args: readonly string[],
  names: readonly string[],
  usage: string,
): {
  readonly values: Readonly<Record<string, string>>;
  readonly positionals: readonly string[];
} {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values as Record<string, string>, positionals };
  } catch {
    throw new ExampleError(usage);
  }
}

/** The user's pictures, or some that are made up; all at least `side` points wide and high. */
export async function pictures(
  files: readonly string[],
  seed: number,
  side = 1,
): Promise<Picture[]> {
  return files.length === 0 ? madeUp(seed) : await readPictures(files, side);
}

/** Pictures with the statistics of photographs. */
export function madeUp(seed: number): Picture[] {
  return [0, 1, 2].map((i) => leaves(256, seed + i));
}

/**
 * The photographs that come with the examples, and those of the user; all at least `side` points wide
 * and high. Each is to be held back in turn, so that no two may be the same.
 */
export async function photographs(files: readonly string[], side: number): Promise<Picture[]> {
  const own = PHOTOGRAPHS.map(({ source }) =>
    fileURLToPath(new URL(`../${source}`, import.meta.url))
  );
  const paths = [...own, ...files];
  const all = await readPictures(paths, side);
  all.forEach((picture, i) => {
    const first = all.findIndex((other) => isSame(picture, other));
    if (first === i) return;
    throw new ExampleError(
      `Cannot take ${paths[i]}: each picture must be another one, got that of ${paths[first]}`,
    );
  });
  return all;
}

function isSame(a: Picture, b: Picture): boolean {
  return a.width === b.width && a.height === b.height &&
    a.data.every((value, i) => value === b.data[i]);
}

async function readPictures(files: readonly string[], side: number): Promise<Picture[]> {
  const all = await Promise.all(files.map(readPicture));
  for (const [i, { width, height }] of all.entries()) {
    if (Math.min(width, height) < side) {
      throw new ExampleError(
        `Cannot take ${
          files[i]
        }: it must have at least ${side} x ${side} points, got ${width} x ${height}`,
      );
    }
  }
  return all;
}

/** Reads a PNG as luminance. */
export function readPicture(path: string): Promise<Picture> {
  return readPng(path, decodePicture);
}

/** Reads a PNG as red, green and blue. */
export function readColours(path: string): Promise<Picture> {
  return readPng(path, decodeColours);
}

async function readPng(
  path: string,
  decode: (file: Uint8Array) => Promise<Picture>,
): Promise<Picture> {
  const file = await Deno.readFile(path).catch((error) => {
    throw new ExampleError(`Cannot read ${path}: ${reason(error)}`);
  });
  try {
    return await decode(file);
  } catch (error) {
    throw new ExampleError(`Cannot read ${path}: it must be a PNG, got ${reason(error)}`);
  }
}

/** What is wrong, in one line. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}

/** Where a command says how far it is. */
export interface StatusLine {
  /** Whether it is a terminal, on which the line is written over; elsewhere lines follow each other. */
  readonly isLive: boolean;
  /** Shows a text; after the last one another line begins. */
  show(text: string, isLast?: boolean): void;
}

/** The status line of standard output or standard error. */
export function statusLine(stream: typeof Deno.stdout | typeof Deno.stderr): StatusLine {
  const isLive = stream.isTerminal();
  return {
    isLive,
    show(text, isLast = false) {
      const line = isLive ? `\r${text.padEnd(78)}${isLast ? "\n" : ""}` : `${text}\n`;
      stream.writeSync(new TextEncoder().encode(line));
    },
  };
}

/** Says how far the work is, at most twice a second. */
export function progress(total: number): (done: number, what: string) => void {
  const start = performance.now();
  let told = -Infinity;
  const line = statusLine(Deno.stderr);
  return (done, what) => {
    const now = performance.now();
    if (done < total && now - told < (line.isLive ? 500 : 5000)) return;
    told = now;
    // The first steps wait for what is compiled, and say nothing about the others.
    const seconds = Math.ceil((now - start) / done * (total - done) / 1000);
    const left = now - start < 3000 ? "" : `, ${seconds} s left`;
    line.show(`${Math.floor(100 * done / total)} % ${what}${left}`, done >= total);
  };
}

/** Writes the picture of an example. */
export async function writeChart(path: string, svg: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, svg);
  } catch (error) {
    throw new ExampleError(`Cannot write ${path}: ${reason(error)}`);
  }
  console.log(`wrote ${path}`);
}
