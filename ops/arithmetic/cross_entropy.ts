/**
 * Records the cross entropy of probabilities and of the softmax of logits.
 *
 * @module
 */
import { blocksOf } from "../norm/reductions.ts";
import { sums } from "../norm/sums.ts";
import { type Arguments, field, type Plan, rows, type Size, type Value } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkCotangent, checkTensor } from "../tensor/checks.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { emptyLike, zeros } from "../tensor/zeros.ts";

const ACTION = "take a cross entropy";

/** The cotangents of both arguments. */
export interface CrossEntropyCotangents {
  /** That of the logits, of their shape. */
  readonly logits: Tensor;
  /** That of the labels, of their shape. */
  readonly labels: Tensor;
}

/** Records one loss for each row of the last axis, which the result lacks. */
export function recordSoftmaxCrossEntropy(
  plan: Plan,
  logits: AnyTensor,
  labels: AnyTensor,
): Tensor {
  return recordSoftmaxCrossEntropyVjp(plan, logits, labels).y;
}

/** Records the losses with the way back; both ways share the softmax. */
export function recordSoftmaxCrossEntropyVjp(
  plan: Plan,
  logits: AnyTensor,
  labels: AnyTensor,
): SymbolicVjp<CrossEntropyCotangents> {
  const shape = shapeOfLosses(logits, labels);
  const pullBack = "pull back a cross entropy";
  if (sizeOf(shape) === 0) {
    const y = zeros(shape);
    return {
      y,
      vjp(dy) {
        checkCotangent(pullBack, y, dy);
        return { logits: emptyLike(logits), labels: emptyLike(labels) };
      },
    };
  }
  const softmax = softmaxOf(plan, logits, labels);
  const y = new SymbolicTensor(softmax.losses, shape);
  return {
    y,
    vjp(dy) {
      checkCotangent(pullBack, y, dy);
      const back = pulledBack(plan, softmax, read(plan, "dy", dy));
      return {
        logits: new SymbolicTensor(back.logits, [...logits.shape]),
        labels: new SymbolicTensor(back.labels, [...logits.shape]),
      };
    },
  };
}

/** What both ways need of every row. */
interface Softmax {
  /** Rows as channels, classes as positions. */
  readonly size: Size;
  readonly logits: Value;
  readonly labels: Value;
  /** The largest logit. */
  readonly most: Value;
  /** The sum of the exponentials of what the logits lie above it. */
  readonly total: Value;
  readonly losses: Value;
}

function softmaxOf(plan: Plan, z: AnyTensor, p: AnyTensor): Softmax {
  const logits = read(plan, "logits", z);
  const labels = read(plan, "labels", p);
  const classes = z.shape[z.shape.length - 1];
  const count = logits.length / classes;
  const size = { n: 1, c: count, s: classes };
  const one = { positions: classes };
  const inBlocks = { ...one, ...blocksOf(classes) };
  const perRow = (kernel: string, args: Arguments, loop: Readonly<Record<string, number>>) =>
    plan.launch(kernel, "channelsFirst", { ...size, s: 1 }, args, {}, loop);
  const x = field(logits, size);
  const most = perRow("largest", { x }, one);
  const total = perRow("exponentials", { logits: x, most: rows(most, count) }, inBlocks);
  const losses = perRow("crossEntropy", {
    logits: x,
    labels: field(labels, size),
    most: rows(most, count),
    total: rows(total, count),
  }, inBlocks);
  return { size, logits, labels, most, total, losses };
}

function pulledBack(
  plan: Plan,
  { size, logits, labels, most, total }: Softmax,
  dy: Value,
): { readonly logits: Value; readonly labels: Value } {
  const mass = sums(plan, labels, [
    { size: size.c, pooled: false },
    { size: size.s, pooled: true },
  ]);
  const args = {
    logits: field(logits, size),
    labels: field(labels, size),
    most: rows(most, size.c),
    total: rows(total, size.c),
    mass: rows(mass, size.c),
    dy: rows(dy, size.c),
  };
  return {
    logits: plan.launch("crossEntropyLogits", "channelsFirst", size, args),
    labels: plan.launch("crossEntropyLabels", "channelsFirst", size, args),
  };
}

/** @throws {TypeError} If the logits have no classes, or the labels another shape. */
function shapeOfLosses(logits: AnyTensor, labels: AnyTensor): number[] {
  checkTensor(ACTION, "logits", logits);
  checkTensor(ACTION, "labels", labels);
  const { shape } = logits;
  if (shape.length === 0 || shape[shape.length - 1] === 0) {
    throw new TypeError(
      `Cannot ${ACTION}: logits must have a last axis of at least one class, got shape ${
        formatShape(shape)
      }`,
    );
  }
  const losses = shape.slice(0, -1);
  if (sameShape(labels.shape, shape)) return losses;
  const advice = sameShape(labels.shape, losses)
    ? "; the number of a class is given as a row with a 1 in its place"
    : "";
  throw new TypeError(
    `Cannot ${ACTION}: labels must hold probabilities in the shape of logits, ${
      formatShape(shape)
    }, got shape ${formatShape(labels.shape)}${advice}`,
  );
}
