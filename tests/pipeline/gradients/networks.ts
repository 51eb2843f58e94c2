/**
 * Random networks: steps that follow one another, and a loss.
 *
 * @module
 */
import { arithmeticSteps } from "./arithmetic_steps.ts";
import { map, meanKept, reshape, square } from "./dual.ts";
import { crossEntropy } from "./dual_norms.ts";
import { layerSteps } from "./layer_steps.ts";
import { NOTHING, type Step } from "./steps.ts";

/** A loss at the end of a network, a number. */
const LOSSES: readonly Step[] = [
  {
    name: "mean of squares",
    shapes: NOTHING,
    run: ({ ops }, x) => ops.mean(ops.square(x)),
    dual: (x) => reshape(meanKept(square(x), x.shape.map((_, axis) => axis)), []),
  },
  {
    name: "mean cross entropy",
    shapes: NOTHING,
    run({ ops }, x) {
      const c = x.shape.at(-1)!;
      const data = Float32Array.from({ length: c }, (_, i) => i === 1 ? 0.75 : 0.25 / (c - 1));
      const labels = ops.add(ops.scale(ops.stopGradient(x), 0), { shape: [c], data });
      return ops.mean(ops.softmaxCrossEntropy(x, labels));
    },
    dual(x) {
      const c = x.shape.at(-1)!;
      const labels = map(x, () => 0, () => 0);
      labels.values.forEach((_, i) => labels.values[i] = i % c === 1 ? 0.75 : 0.25 / (c - 1));
      const rows = crossEntropy(x, labels);
      return reshape(meanKept(rows, rows.shape.map((_, axis) => axis)), []);
    },
  },
];

/** A network: its steps, of which the last is the loss, and the shape of its input with channels last. */
export interface Network {
  readonly last: boolean;
  readonly shape: readonly number[];
  readonly steps: readonly Step[];
}

const DRAWS = [...arithmeticSteps, ...layerSteps];

/** The network of some random numbers. */
export function networkOf(next: () => number): Network {
  const last = next() < 0.6;
  const shape = [2, 2, 1 + Math.floor(2 * next()), 4];
  const count = 3 + Math.floor(10 * next());
  const steps: Step[] = [];
  let now: readonly number[] = shape;
  while (steps.length < count) {
    const step = DRAWS[Math.floor(next() * DRAWS.length)]({ shape: now, last, next });
    if (step === undefined) continue;
    steps.push(step);
    if (step.channels !== undefined) now = [...now.slice(0, -1), step.channels];
  }
  const loss = LOSSES[last ? Math.floor(next() * LOSSES.length) : 0];
  return { last, shape, steps: [...steps, loss] };
}
