/**
 * Cross entropies both ways, and what their exponentials and logarithms may be off.
 *
 * @module
 */
import { recordSoftmaxCrossEntropyVjp } from "../../../ops/arithmetic/cross_entropy.ts";
import type { Draw } from "./draw.ts";
import { shapeOf } from "./inputs.ts";
import type { Op } from "./recorded.ts";
import { settled } from "./sure.ts";
import { Tracked } from "./tracked.ts";
import { U } from "./trial.ts";

/** The cross entropies of rows, and the way back. */
export interface Entropies {
  readonly y: Tracked;
  readonly pull: (dy: Tracked) => { readonly logits: Tracked; readonly labels: Tracked };
}

/** Cross entropies of rows of logits of any size, and of labels many of which are 0. */
export function crossEntropies(draw: Draw): Op {
  const shape = shapeOf(draw, 1, 3).map((extent) => Math.max(extent, 1));
  return {
    what: { op: "softmaxCrossEntropy" },
    shapes: [shape, shape],
    shape: shape.slice(0, -1),
    numbers: (draw, length, at) =>
      at === 0
        ? draw.numbers(length, ["unit", "wide", "integers"])
        : draw.uniform(length, 0, 1).map((p) => p < 0.3 ? 0 : p),
    record: (plan, logits, labels) => {
      const { y, vjp } = recordSoftmaxCrossEntropyVjp(plan, logits, labels);
      return { y, vjp: (dy) => ({ ...vjp(dy) }) };
    },
    expected([logits, labels], dy) {
      const { y, pull } = entropiesOf(Tracked.of(logits), Tracked.of(labels));
      const back = pull(Tracked.of(dy));
      return {
        y: y.expected(),
        logits: back.logits.expected(),
        labels: back.labels.expected(),
      };
    },
  };
}

/** `-sum(labels * log(softmax(logits)))` of every row, from the definition. */
export function entropiesOf(logits: Tracked, labels: Tracked): Entropies {
  const { shape } = logits;
  const classes = shape[shape.length - 1];
  const losses = shape.slice(0, -1);
  const y = new Tracked(losses);
  /** What the cotangents are, for a cotangent of 1. */
  const slopes = { logits: new Tracked(shape), labels: new Tracked(shape) };
  const set = (of: Tracked, at: number, value: number, off: number) => {
    of.values[at] = value;
    of.off[at] = settled(value, off);
  };
  for (let row = 0; row < y.values.length; row++) {
    const first = row * classes;
    const of = (numbers: Float64Array) => numbers.subarray(first, first + classes);
    const z = of(logits.values);
    const p = of(labels.values);
    const offP = of(labels.off);
    const most = Math.max(...z);
    const total = z.reduce((sum, z) => sum + Math.exp(z - most), 0);
    // An exponential is off by its argument's rounding, a logarithm by what it is taken of.
    const own = U * (classes + 12) * (2 + most - Math.min(...z));
    const moved = 2 * Math.max(...of(logits.off)) + own;
    const mass = p.reduce((sum, p) => sum + p, 0);
    const size = p.reduce((sum, p) => sum + Math.abs(p), 0);
    const offMass = offP.reduce((sum, off) => sum + off, 0) + U * (classes + 1) * size;
    let loss = 0;
    let off = 0;
    for (let k = 0; k < classes; k++) {
      const softmax = Math.exp(z[k] - most) / total;
      const surprise = Math.log(total) - (z[k] - most);
      const offSurprise = moved + own * Math.abs(surprise);
      set(slopes.labels, first + k, surprise, offSurprise);
      const offSoftmax = softmax * Math.expm1(moved);
      const offShare = Math.abs(mass) * offSoftmax + offMass * (softmax + offSoftmax);
      const rounded = 4 * U * (Math.abs(mass) * softmax + Math.abs(p[k]));
      set(slopes.logits, first + k, mass * softmax - p[k], offShare + offP[k] + rounded);
      if (p[k] === 0 && offP[k] === 0) continue;
      loss += p[k] * surprise;
      off += (Math.abs(p[k]) + offP[k]) * offSurprise + offP[k] * Math.abs(surprise) +
        U * (classes + 2) * Math.abs(p[k] * surprise);
    }
    set(y, row, loss, off);
    // Of numbers that are infinite or none nothing is asked.
    if (Number.isFinite(moved) && Number.isFinite(mass)) continue;
    for (const { off } of [slopes.logits, slopes.labels]) of(off).fill(Infinity);
    y.off[row] = Infinity;
  }
  return {
    y,
    pull(dy) {
      const perRow = dy.reshaped([...losses, 1]);
      return {
        logits: slopes.logits.with(perRow, "mul"),
        labels: slopes.labels.with(perRow, "mul"),
      };
    },
  };
}
