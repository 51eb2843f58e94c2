/**
 * Pipelines: random programs of arithmetic, sums, matrix products and activations, with the same
 * program run in float64 by tracked.ts.
 *
 * @module
 */
import {
  type Activation,
  activations,
  pipeline,
  type PipelineOps,
  type Runtime,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import type { Draw } from "./draw.ts";
import { product, shapeOf } from "./inputs.ts";
import { Tracked } from "./tracked.ts";
import type { Family } from "./trial.ts";

/** One step: from the values so far to one more. */
type Step =
  | { readonly op: "add" | "sub" | "mul"; readonly a: number; readonly b: number }
  | { readonly op: "scale"; readonly a: number; readonly factor: number | "given" }
  | { readonly op: "mean"; readonly a: number }
  | { readonly op: "sum"; readonly a: number; readonly axes: readonly number[] }
  | { readonly op: "reshape"; readonly a: number; readonly shape: readonly number[] }
  | { readonly op: "activate"; readonly a: number; readonly activation: Activation }
  | {
    readonly op: "matmul";
    readonly a: number;
    readonly b: number;
    readonly options: { readonly transposeA?: boolean; readonly transposeB?: boolean };
  };

/** A program: tensors that are given, one that is captured, and steps. */
interface Program {
  readonly shapes: readonly (readonly number[])[];
  readonly steps: readonly Step[];
  readonly results: readonly number[];
}

interface Given {
  readonly tensors: readonly Tensor[];
  readonly factor: number;
}

function programOf(draw: Draw): Program {
  const base = shapeOf(draw, 2, 3).map((extent) => Math.max(extent, 1));
  const rank = base.length;
  const channels = base[rank - 1];
  const shapes: (readonly number[])[] = [
    base,
    base.map((extent) => draw.chance(0.5) ? extent : 1),
    [channels],
    [channels, draw.integer(1, 6)],
  ];
  const known = [...shapes];
  const steps: Step[] = [];
  for (let i = draw.integer(2, 6); i > 0; i--) {
    const step = stepOf(draw, known);
    if (step === undefined) continue;
    steps.push(step.step);
    known.push(step.shape);
  }
  if (steps.length === 0) {
    steps.push({ op: "scale", a: 0, factor: 2 });
    known.push(base);
  }
  const made = steps.map((_, i) => shapes.length + i);
  return { shapes, steps, results: made.filter((at) => at === made.at(-1) || draw.chance(0.4)) };
}

function stepOf(
  draw: Draw,
  known: readonly (readonly number[])[],
): { readonly step: Step; readonly shape: readonly number[] } | undefined {
  const a = draw.integer(0, known.length - 1);
  const b = draw.integer(0, known.length - 1);
  const shape = known[a];
  switch (draw.integer(0, 6)) {
    case 0:
    case 1: {
      const common = broadcast(shape, known[b]);
      if (common === undefined || product(common) > 2000) return undefined;
      return { step: { op: draw.pick(["add", "sub", "mul"] as const), a, b }, shape: common };
    }
    case 2:
      return { step: { op: "scale", a, factor: draw.pick([0, -1.5, "given"] as const) }, shape };
    case 3: {
      if (draw.chance(0.3)) return { step: { op: "mean", a }, shape: [] };
      const axes = shape.map((_, axis) => axis).filter(() => draw.chance(0.5));
      return {
        step: { op: "sum", a, axes },
        shape: shape.filter((_, axis) => !axes.includes(axis)),
      };
    }
    case 4:
      return { step: { op: "activate", a, activation: draw.pick(activations) }, shape };
    case 5: {
      const to = draw.pick([[product(shape)], [1, ...shape], [...shape, 1]]);
      return { step: { op: "reshape", a, shape: to }, shape: to };
    }
    default: {
      const transposeA = draw.chance(0.4);
      const transposeB = draw.chance(0.4);
      const other = known[b];
      if (shape.length < 2 || other.length < 2) return undefined;
      const rows = product(shape.slice(0, -1));
      const otherRows = product(other.slice(0, -1));
      const inner = transposeA ? rows : shape.at(-1)!;
      if (inner !== (transposeB ? other.at(-1)! : otherRows)) return undefined;
      const leading = transposeA ? [shape.at(-1)!] : shape.slice(0, -1);
      const columns = transposeB ? otherRows : other.at(-1)!;
      if (product(leading) * columns > 2000) return undefined;
      const options = { transposeA, transposeB };
      return { step: { op: "matmul", a, b, options }, shape: [...leading, columns] };
    }
  }
}

function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.push(m === 1 ? n : m);
  }
  return shape;
}

/** Runs the steps with the ops of a pipeline. */
function traced(
  ops: PipelineOps,
  { steps, results }: Program,
  tensors: readonly Tensor[],
  factor: number,
) {
  const values = [...tensors];
  for (const step of steps) {
    const a = values[step.a];
    switch (step.op) {
      case "add":
      case "sub":
      case "mul":
        values.push(ops[step.op](a, values[step.b]));
        break;
      case "matmul":
        values.push(ops.matmul(a, values[step.b], step.options));
        break;
      case "scale":
        values.push(ops.scale(a, step.factor === "given" ? factor : step.factor));
        break;
      case "sum":
        values.push(ops.sum(a, step.axes));
        break;
      case "reshape":
        values.push(ops.reshape(a, step.shape));
        break;
      case "activate":
        values.push(ops.activate(a, step.activation));
        break;
      default:
        values.push(ops.mean(a));
    }
  }
  return Object.fromEntries(results.map((at) => [`v${at}`, values[at]]));
}

/** Runs the steps in float64. */
function computed({ steps, results }: Program, tensors: readonly Tensor[], factor: number) {
  const values = tensors.map((tensor) => Tracked.of(tensor));
  for (const step of steps) {
    const a = values[step.a];
    switch (step.op) {
      case "add":
      case "sub":
      case "mul":
        values.push(a.with(values[step.b], step.op));
        break;
      case "matmul":
        values.push(a.times(values[step.b], step.options));
        break;
      case "scale":
        values.push(a.scaled(step.factor === "given" ? factor : step.factor));
        break;
      case "sum":
        values.push(a.sum(step.axes));
        break;
      case "reshape":
        values.push(a.reshaped(step.shape));
        break;
      case "activate":
        values.push(a.activated(step.activation));
        break;
      default:
        values.push(a.mean());
    }
  }
  return Object.fromEntries(results.map((at) => [`v${at}`, values[at].expected()]));
}

export const pipelineFamily: Family = (draw) => {
  const program = programOf(draw);
  const { shapes } = program;
  // The last tensor is captured: the same object, with other numbers at every call.
  const captured = tensor(new Float32Array(product(shapes[3])), shapes[3]);
  const steps = new WeakMap<Runtime, (given: Given) => Promise<Record<string, Tensor>>>();
  return {
    what: { ...program },
    trial(numbers) {
      const tensors = shapes.slice(0, 3).map((shape) =>
        tensor(numbers.numbers(product(shape), ["unit", "wide", "integers"]), shape)
      );
      const factor = numbers.normal();
      captured.data.set(numbers.numbers(captured.data.length, ["unit"]));
      const all = [...tensors, captured];
      return {
        run(runtime) {
          let run = steps.get(runtime);
          if (run === undefined) {
            run = pipeline(
              (ops, { tensors, factor }: Given) =>
                traced(ops, program, [...tensors, captured], factor),
              { runtime },
            );
            steps.set(runtime, run);
          }
          return run({ tensors, factor });
        },
        expected: () => computed(program, all, Math.fround(factor)),
      };
    },
  };
};
