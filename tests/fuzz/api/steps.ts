/**
 * The steps that random programs are drawn from.
 *
 * @module
 */
import { activations, type PipelineOps, type Tensor } from "../../../mod.ts";
import { commonShape } from "../../oracle/arithmetic.ts";
import { entropiesOf } from "./cross_entropy.ts";
import type { Draw } from "./draw.ts";
import type { Elementary } from "./elementary.ts";
import { functionOf, PRODUCTS } from "./elementwise.ts";
import { product } from "./inputs.ts";
import { drawDense, drawMatmul } from "./matrix_steps.ts";
import { isSmall, type Shapes, type Step } from "./step.ts";
import type { Operator, Tracked } from "./tracked.ts";

/** Draws a step that can follow on values of such shapes, if the one that is drawn can. */
export function drawStep(
  draw: Draw,
  known: Shapes,
  elementary: Elementary,
): Step | undefined {
  return draw.pick([
    drawBinary,
    drawBinary,
    drawFunction,
    drawFunction,
    drawScale,
    drawReduction,
    drawReduction,
    drawReshape,
    drawTranspose,
    drawActivation,
    drawMatmul,
    drawDense,
    drawEntropy,
  ])(draw, known, elementary);
}

/** One value, and a step of its own shape. */
function alike(
  draw: Draw,
  known: Shapes,
  step: Pick<Step, "op" | "run" | "tracked" | "pull">,
): Step {
  const at = draw.integer(0, known.length - 1);
  return { ...step, of: [at], shape: known[at] };
}

const PULLS: Readonly<
  Record<Operator, (dy: Tracked, a: Tracked, b: Tracked, y: Tracked) => readonly Tracked[]>
> = {
  add: (dy) => [dy, dy],
  sub: (dy) => [dy, dy.negated()],
  mul: (dy, a, b) => [dy.with(b, "mul"), dy.with(a, "mul")],
  div(dy, _, b, y) {
    const share = dy.with(b, "div");
    return [share, share.with(y, "mul").negated()];
  },
};

function drawBinary(draw: Draw, known: Shapes): Step | undefined {
  const op = draw.pick(["add", "sub", "mul", "div"] as const);
  const of = [draw.integer(0, known.length - 1), draw.integer(0, known.length - 1)];
  const shape = commonShape(known[of[0]], known[of[1]]);
  if (shape === undefined || !isSmall(shape)) return undefined;
  return {
    op,
    of,
    shape,
    run: (ops, [a, b]) => ops[op](a, b),
    tracked: ([a, b]) => a.with(b, op),
    pull: (dy, [a, b], y) =>
      PULLS[op](dy, a, b, y).map((whole, i) => whole.unrepeated([a, b][i].shape)),
  };
}

function drawFunction(draw: Draw, known: Shapes, elementary: Elementary): Step {
  const { op, run, f, slope, turns } = functionOf(draw, elementary);
  return alike(draw, known, {
    op,
    run: (ops: PipelineOps, [x]: readonly Tensor[]) => run(ops, x),
    tracked: ([x]) => x.mapped(f, turns),
    pull(dy, [x]) {
      if (op === "neg") return [dy.negated()];
      return [x.mapped(slope, turns, PRODUCTS).with(dy, "mul")];
    },
  });
}

function drawScale(draw: Draw, known: Shapes): Step {
  const given = draw.pick([0, -1.5, undefined]);
  return alike(draw, known, {
    op: `scale by ${given ?? "what is given"}`,
    run: (ops, [x], factor) => ops.scale(x, given ?? factor),
    tracked: ([x], factor) => x.scaled(given ?? factor),
    pull: (dy, _, __, factor) => [dy.scaled(given ?? factor)],
  });
}

function drawActivation(draw: Draw, known: Shapes): Step {
  const activation = draw.pick(activations);
  return alike(draw, known, {
    op: `activate by ${activation}`,
    run: (ops, [x]) => ops.activate(x, activation),
    tracked: ([x]) => x.activated(activation),
    pull: (dy, [x]) => [activation === "none" ? dy : x.slopes(activation).with(dy, "mul")],
  });
}

/** A sum or a mean over some axes, counted from the front or from the back, or over all. */
function drawReduction(draw: Draw, known: Shapes): Step {
  const at = draw.integer(0, known.length - 1);
  const all = known[at].map((_, axis) => axis);
  const axes = draw.chance(0.3) ? undefined : all.filter(() => draw.chance(0.5));
  const named = axes?.map((axis) => draw.chance(0.3) ? axis - all.length : axis);
  const op = draw.pick(["sum", "mean"] as const);
  const over = axes ?? all;
  const kept = known[at].map((extent, axis) => over.includes(axis) ? 1 : extent);
  const count = product(known[at]) / product(kept);
  return {
    op: named === undefined ? op : `${op} over [${named}]`,
    of: [at],
    shape: known[at].filter((_, axis) => !over.includes(axis)),
    run: (ops, [x]) => ops[op](x, named),
    tracked: ([x]) => x[op](over),
    pull(dy, [x]) {
      const whole = dy.reshaped(kept).repeated(x.shape);
      return [op === "sum" ? whole : whole.scaled(1 / count)];
    },
  };
}

function drawReshape(draw: Draw, known: Shapes): Step {
  const at = draw.integer(0, known.length - 1);
  const shape = draw.pick([[product(known[at])], [1, ...known[at]], [...known[at], 1]]);
  return {
    op: `reshape to [${shape}]`,
    of: [at],
    shape,
    run: (ops, [x]) => ops.reshape(x, shape),
    tracked: ([x]) => x.reshaped(shape),
    pull: (dy, [x]) => [dy.reshaped(x.shape)],
  };
}

function drawTranspose(draw: Draw, known: Shapes): Step | undefined {
  const at = draw.integer(0, known.length - 1);
  const shape = known[at];
  if (shape.length < 2) return undefined;
  return {
    op: "transpose",
    of: [at],
    shape: [...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]],
    run: (ops, [x]) => ops.transpose(x),
    tracked: ([x]) => x.transposed(),
    pull: (dy) => [dy.transposed()],
  };
}

function drawEntropy(draw: Draw, known: Shapes): Step | undefined {
  const of = [draw.integer(0, known.length - 1), draw.integer(0, known.length - 1)];
  const shape = known[of[0]];
  if (shape.length === 0 || shape.join() !== known[of[1]].join()) return undefined;
  return {
    op: "softmaxCrossEntropy",
    of,
    shape: shape.slice(0, -1),
    run: (ops, [logits, labels]) => ops.softmaxCrossEntropy(logits, labels),
    tracked: ([logits, labels]) => entropiesOf(logits, labels).y,
    pull(dy, [logits, labels]) {
      const back = entropiesOf(logits, labels).pull(dy);
      return [back.logits, back.labels];
    },
  };
}
