/**
 * The norms that are compared, and renorm in other settings, which show what its error comes from.
 *
 * @module
 */

/** Limits of renorm's r, from `1 / rmax` to `rmax`, and of |d|. */
export interface Limits {
  readonly rmax: number;
  readonly dmax: number;
}

/** Limits that hold from a share of the steps on. */
interface Stair extends Limits {
  readonly from: number;
}

/** How batch norm keeps its statistics, and what renorm makes of them. */
interface BatchSettings {
  /** Weight of the old value in all moving statistics. */
  readonly decay: number;
  /** Renorm's limits in the course of the training; without them it is batch norm. */
  readonly limits?: readonly Stair[];
}

/**
 * Batch norm at first (r = 1, d = 0), then the limits rise to 3 and 5, in stairs where Ioffe's rise
 * steadily: his are none for the first 5000 steps, 5 for d at 25 000 and 3 for r at 40 000.
 */
const RISING: readonly Stair[] = [
  { from: 0, rmax: 1, dmax: 0 },
  { from: 0.03, rmax: 1.5, dmax: 1.25 },
  { from: 0.08, rmax: 2, dmax: 2.5 },
  { from: 0.16, rmax: 2.5, dmax: 5 },
  { from: 0.25, rmax: 3, dmax: 5 },
];
const DECAY = 0.99;

/** Norms that take their statistics over a batch. */
export const OVER_BATCHES = {
  "batch": { decay: DECAY },
  "renorm": { decay: DECAY, limits: RISING },
  /** The last limits from the first step on. */
  "renorm at once": { decay: DECAY, limits: [{ from: 0, rmax: 3, dmax: 5 }] },
  /** Those that Wu and He found best for ResNet-50. */
  "renorm tight": { decay: DECAY, limits: [{ from: 0, rmax: 1.5, dmax: 0.5 }] },
  /** Moving statistics of the last ten batches, where the others have the last hundred. */
  "renorm fast": { decay: 0.9, limits: RISING },
} as const satisfies Record<string, BatchSettings>;

/** A norm by the name that it has in the chart. */
export type Norm = keyof typeof OVER_BATCHES | "group" | "layer" | "none";

/** What the first panel compares. */
export const NORMS: readonly Norm[] = ["batch", "renorm", "group", "layer", "none"];
/** What the second one compares. */
export const VARIANTS: readonly Norm[] = Object.keys(OVER_BATCHES) as Norm[];

/** All of them. */
export const ALL: readonly Norm[] = [...new Set([...NORMS, ...VARIANTS])];

/** The settings of a norm over batches; none for the others. */
export function overBatches(norm: Norm): BatchSettings | undefined {
  return (OVER_BATCHES as Partial<Record<Norm, BatchSettings>>)[norm];
}

/** Renorm's limits when a share of the steps is done; none for the other norms. */
export function limitsAt(norm: Norm, share: number): Limits | undefined {
  return overBatches(norm)?.limits?.findLast(({ from }) => share >= from);
}
