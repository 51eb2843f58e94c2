/**
 * Cross entropies both ways, and what their exponentials and logarithms may be off.
 *
 * @module
 */
import { recordSoftmaxCrossEntropyVjp } from "../../../ops/arithmetic/cross_entropy.ts";
import { crossEntropy, summed } from "../../oracle/arithmetic.ts";
import type { Draw } from "./draw.ts";
import { shapeOf } from "./inputs.ts";
import type { Op } from "./recorded.ts";
import { type Expected, U } from "./trial.ts";

/** Cross entropies of rows of logits of any size, and of labels many of which are 0. */
export function crossEntropies(draw: Draw): Op {
  const shape = shapeOf(draw, 1, 3).map((extent) => Math.max(extent, 1));
  const classes = shape[shape.length - 1];
  const losses = shape.slice(0, -1);
  return {
    what: { op: "softmaxCrossEntropy" },
    shapes: [shape, shape],
    shape: losses,
    numbers: (draw, length, at) =>
      at === 0
        ? draw.numbers(length, ["unit", "wide", "integers"])
        : draw.uniform(length, 0, 1).map((p) => p < 0.3 ? 0 : p),
    record: (plan, logits, labels) => {
      const { y, vjp } = recordSoftmaxCrossEntropyVjp(plan, logits, labels);
      return { y, vjp: (dy) => ({ ...vjp(dy) }) };
    },
    expected([logits, labels], dy) {
      const y = crossEntropy(logits, labels);
      const mass = summed(labels, [shape.length - 1]).data;
      const rows = losses.length === 0 ? [0] : Array.from(y.data, (_, row) => row);
      const ofRow = rows.map((row) => {
        const z = Array.from(logits.data.subarray(row * classes, (row + 1) * classes));
        const most = Math.max(...z);
        const total = z.reduce((sum, z) => sum + Math.exp(z - most), 0);
        return { most, total, widest: most - Math.min(...z) };
      });
      // An exponential is off by its argument's rounding, a logarithm by what it is taken of.
      const roundings = ({ widest }: typeof ofRow[number]) => U * (classes + 12) * (2 + widest);
      const cells = Array.from(logits.data, (z, i) => {
        const row = Math.floor(i / classes);
        const { most, total } = ofRow[row];
        const softmax = Math.exp(z - most) / total;
        const surprise = Math.log(total) - (z - most);
        const label = labels.data[i];
        return {
          logits: dy.data[row] * (mass[row] * softmax - label),
          labels: dy.data[row] * surprise,
          off: Math.abs(dy.data[row]) * roundings(ofRow[row]),
          sizes: { logits: mass[row] * softmax + label, labels: 1 + Math.abs(surprise) },
        };
      });
      const back = (name: "logits" | "labels"): Expected => ({
        shape,
        values: cells.map((cell) => cell[name]),
        allowed: cells.map(({ off, sizes }) => off * sizes[name]),
      });
      const allowed = y.data.map((loss, row) => roundings(ofRow[row]) * (mass[row] + loss));
      return {
        y: { shape: losses, values: y.data, allowed },
        logits: back("logits"),
        labels: back("labels"),
      };
    },
  };
}
