/**
 * The arithmetic of pipelines, one op at a time and both ways: functions of every element, quotients,
 * means, dense layers and cross entropies.
 *
 * @module
 */
import { recordBinaryVjp } from "../../../ops/arithmetic/binary.ts";
import { recordDenseVjp } from "../../../ops/arithmetic/dense.ts";
import { recordMeanVjp } from "../../../ops/arithmetic/reduce.ts";
import { recordTransposeVjp } from "../../../ops/arithmetic/shape.ts";
import { crossEntropies } from "./cross_entropy.ts";
import type { Draw } from "./draw.ts";
import { elementwise } from "./elementwise.ts";
import { product, shapeOf } from "./inputs.ts";
import { type Op, structureOf } from "./recorded.ts";
import { Tracked } from "./tracked.ts";
import type { Family } from "./trial.ts";

const unit = (draw: Draw, length: number) => draw.numbers(length, ["unit", "wide", "integers"]);

export const arithmeticFamily: Family = (draw, limits) => {
  const make = draw.pick([
    elementwise,
    elementwise,
    quotient,
    mean,
    transpose,
    dense,
    crossEntropies,
  ]);
  return structureOf(make(draw, limits));
};

function quotient(draw: Draw): Op {
  const common = shapeOf(draw, 1, 4);
  const part = () => {
    const shape = common.map((extent) => draw.chance(0.4) ? 1 : extent);
    return shape.slice(draw.chance(0.3) ? draw.integer(0, shape.length) : 0);
  };
  const shapes = draw.chance(0.5) ? [common, part()] : [part(), common];
  return {
    what: { op: "div" },
    shapes,
    shape: common,
    numbers: (draw, length, at) => at === 0 ? unit(draw, length) : draw.uniform(length, 0.2, 4),
    record: (plan, a, b) => {
      const { y, vjp } = recordBinaryVjp(plan, "divide", a, b);
      return { y, vjp: (dy) => ({ ...vjp(dy) }) };
    },
    expected([a, b], dy) {
      const divisor = Tracked.of(b);
      const y = Tracked.of(a).with(divisor, "div");
      const share = Tracked.of(dy).with(divisor, "div");
      return {
        y: y.expected(),
        a: share.unrepeated(a.shape).expected(),
        b: share.with(y, "mul").negated().unrepeated(b.shape).expected(),
      };
    },
  };
}

function mean(draw: Draw): Op {
  const shape = shapeOf(draw, 1, 4).map((extent) => Math.max(extent, 1));
  const axes = shape.map((_, axis) => axis).filter(() => draw.chance(0.6));
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const count = product(shape) / product(kept);
  return {
    what: { op: "mean", axes },
    shapes: [shape],
    shape: kept,
    numbers: (draw, length) => draw.numbers(length),
    record: (plan, x) => {
      const { y, vjp } = recordMeanVjp(plan, x, axes);
      return { y, vjp: (dy) => ({ ...vjp(dy) }) };
    },
    expected([x], dy) {
      const over = shape.map((extent, axis) => axes.includes(axis) ? 1 : extent);
      return {
        y: Tracked.of(x).mean(axes).expected(),
        x: Tracked.of(dy).reshaped(over).repeated(shape).scaled(1 / count).expected(),
      };
    },
  };
}

function transpose(draw: Draw): Op {
  const shape = shapeOf(draw, 2, 4);
  const back = [...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]];
  return {
    what: { op: "transpose" },
    shapes: [shape],
    shape: back,
    numbers: unit,
    record: (plan, x) => {
      const { y, vjp } = recordTransposeVjp(plan, x);
      return { y, vjp: (dy) => ({ ...vjp(dy) }) };
    },
    expected: ([x], dy) => ({
      y: Tracked.of(x).transposed().expected(),
      x: Tracked.of(dy).transposed().expected(),
    }),
  };
}

function dense(draw: Draw): Op {
  const shape = shapeOf(draw, 1, 4).map((extent) => Math.max(extent, 1));
  const inputs = shape[shape.length - 1];
  const units = draw.integer(1, 9);
  const samples = product(shape) / inputs;
  const biased = draw.chance(0.6);
  return {
    what: { op: "dense", biased },
    shapes: [shape, [inputs, units], ...(biased ? [[units]] : [])],
    shape: [...shape.slice(0, -1), units],
    numbers: unit,
    record: (plan, x, kernel, bias) => {
      const params = { kernel, ...(biased && { bias }) };
      const { y, vjp } = recordDenseVjp(plan, x, params);
      return {
        y,
        vjp: (dy) => {
          const back = vjp(dy);
          return { x: back.x, ...back.params };
        },
      };
    },
    expected([x, kernel, bias], dy) {
      const rows = Tracked.of(x).reshaped([samples, inputs]);
      const weights = Tracked.of(kernel);
      const pull = Tracked.of(dy).reshaped([samples, units]);
      const product = rows.times(weights, {});
      const y = biased ? product.with(Tracked.of(bias), "add") : product;
      return {
        y: y.reshaped(dy.shape).expected(),
        x: pull.times(weights, { transposeB: true }).reshaped(shape).expected(),
        kernel: rows.times(pull, { transposeA: true }).expected(),
        ...(biased && { bias: pull.sum([0]).expected() }),
      };
    },
  };
}
