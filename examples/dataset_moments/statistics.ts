/**
 * Statistics of a data set, as batch norm takes them in inference.
 *
 * @module
 */
import { type Moments, type Tensor, tensor } from "../../mod.ts";

/** How many points there were, and mean and variance of each channel. */
export interface Statistics {
  readonly points: number;
  readonly mean: Tensor;
  /** Biased: divided by the number of points. */
  readonly variance: Tensor;
}

/** Takes a summary's numbers together with what float32 has taken from them. */
export function statisticsOf({ count, countLow, mean, m2, m2Low }: Moments): Statistics {
  const points = count.data[0] + (countLow?.data[0] ?? 0);
  const squares = Array.from(m2.data, (sum, c) => sum + (m2Low?.data[c] ?? 0));
  return { points, mean, variance: tensor(squares.map((sum) => points === 0 ? 0 : sum / points)) };
}
