/**
 * One training from the first step to the error at its end.
 *
 * @module
 */
import { type Runtime, tensor } from "../../mod.ts";
import { openRandom } from "../shared/random.ts";
import { type Model, openJudge, openStep, start, type Step, type Training } from "./classifier.ts";
import { type Corrections, openCorrections } from "./corrections.ts";
import { type Batch, batchOf, type Digits, type Sets } from "./digits.ts";
import { type Limits, limitsAt, type Norm, overBatches } from "./norms.ts";

/** For a batch of 32; in proportion for others. */
export const LEARNING_RATE = 0.1;
/** Digits that are judged at once. */
const JUDGED = 2000;

/** A training that is to be run. */
export interface Job {
  readonly norm: Norm;
  /** Digits of a batch. */
  readonly size: number;
  /** Weights and order of the digits come from it. */
  readonly seed: number;
  /** Digits that are seen, those that are seen again included. */
  readonly samples: number;
}

/** What came out of a training. */
export interface Result extends Job {
  /** Share of the test's digits that are taken for others; NaN if a score is not finite. */
  readonly error: number;
  /** Norms over batches: the same with the statistics of 2000 of the test's digits at a time. */
  readonly exactError?: number;
  /** Renorm: its r and d, since its limits have been at their last. */
  readonly corrections?: Corrections;
}

/** Trains; what is compiled is kept for further trainings. */
export interface Trainer {
  train(job: Job, onSteps: (count: number) => void): Result;
}

/** Steps of a training. */
export function stepsOf({ size, samples }: Job): number {
  return Math.floor(samples / size);
}

/** A trainer that computes on a runtime. */
export function openTrainer({ train, test }: Sets, runtime: Runtime): Trainer {
  const steps = new Map<string, Step>();
  const judges = new Map<string, ReturnType<typeof openJudge>>();
  const stepFor = (norm: Norm, limits: Limits | undefined) =>
    kept(steps, JSON.stringify([norm, limits]), () => openStep(norm, limits, runtime));
  const errorOf = (norm: Norm, exact: boolean, training: Training) =>
    shareOfErrors(
      kept(judges, JSON.stringify([norm, exact]), () => openJudge(norm, exact, runtime)),
      training,
      test,
    );
  return {
    train(job, onSteps) {
      const { norm, size, seed } = job;
      const random = openRandom(seed);
      let training = start(random);
      const orders = openOrder(train.kinds.length, random);
      const settings = overBatches(norm);
      const corrections = settings?.limits && openCorrections(settings.decay);
      const count = stepsOf(job);
      for (let i = 0; i < count; i++) {
        const limits = limitsAt(norm, i / count);
        const before = training.moving;
        training = stepFor(norm, limits)({
          ...training,
          ...batchOf(train, orders(size)),
          rate: tensor(Float32Array.of(rateAt(size, i / count)), []),
        });
        if (limits !== undefined && limits === limitsAt(norm, 1)) {
          corrections?.add(before, training.moving, limits);
        }
        onSteps(1);
      }
      const error = errorOf(norm, false, training);
      const met = corrections?.result();
      return {
        ...job,
        error,
        ...settings && { exactError: errorOf(norm, true, training) },
        ...met && { corrections: met },
      };
    },
  };
}

/** The rate falls along a cosine, as it does in steps in the paper. */
function rateAt(size: number, share: number): number {
  return LEARNING_RATE * size / 32 * 0.5 * (1 + Math.cos(Math.PI * share));
}

function kept<V>(all: Map<string, V>, key: string, make: () => V): V {
  const found = all.get(key);
  if (found !== undefined) return found;
  const made = make();
  all.set(key, made);
  return made;
}

/** Takes the next indices of an order by chance; after the last one another order begins. */
function openOrder(count: number, random: { below(count: number): number }) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let at = count;
  return (size: number): Uint32Array => {
    return Uint32Array.from({ length: size }, () => {
      if (at === count) {
        shuffle(order, random);
        at = 0;
      }
      return order[at++];
    });
  };
}

function shuffle(order: Uint32Array, random: { below(count: number): number }): void {
  for (let i = order.length - 1; i > 0; i--) {
    const k = random.below(i + 1);
    [order[i], order[k]] = [order[k], order[i]];
  }
}

/** The share of digits that are taken for others; NaN if a score is not finite. */
function shareOfErrors(
  judge: ReturnType<typeof openJudge>,
  { model, moving }: { readonly model: Model; readonly moving: Training["moving"] },
  test: Digits,
): number {
  let wrong = 0;
  const count = test.kinds.length;
  for (let from = 0; from < count; from += JUDGED) {
    const indices = Array.from({ length: Math.min(JUDGED, count - from) }, (_, i) => from + i);
    const { x }: Batch = batchOf(test, indices);
    const { data, shape: [rows, kinds] } = judge({ model, moving, x });
    if (!data.every(Number.isFinite)) return NaN;
    for (let i = 0; i < rows; i++) {
      const own = data.subarray(i * kinds, (i + 1) * kinds);
      if (own.indexOf(Math.max(...own)) !== test.kinds[from + i]) wrong++;
    }
  }
  return wrong / count;
}
