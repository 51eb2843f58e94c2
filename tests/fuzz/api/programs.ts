/**
 * Random programs of the ops of pipelines: each step as it is traced, in float64, and gone back.
 *
 * @module
 */
import type { PipelineOps, Tensor } from "../../../mod.ts";
import type { Draw } from "./draw.ts";
import type { Elementary } from "./elementary.ts";
import { shapeOf } from "./inputs.ts";
import type { Shapes, Step } from "./step.ts";
import { drawStep } from "./steps.ts";
import { Tracked } from "./tracked.ts";

/** A program: tensors that are given, the last of which is captured, and steps. */
export interface Program {
  readonly shapes: Shapes;
  readonly steps: readonly Step[];
  readonly elementary: Elementary;
  /** The numbers of what is returned, the last one among them. */
  readonly results: readonly number[];
}

/** Draws a program. */
export function programOf(draw: Draw, elementary: Elementary): Program {
  const base = shapeOf(draw, 2, 3).map((extent) => Math.max(extent, 1));
  const rank = base.length;
  const channels = base[rank - 1];
  const shapes: Shapes = [
    base,
    base.map((extent) => draw.chance(0.5) ? extent : 1),
    [channels],
    [channels, draw.integer(1, 6)],
  ];
  const known = [...shapes];
  const steps: Step[] = [];
  const wanted = draw.integer(2, 7);
  while (steps.length < wanted) {
    const step = drawStep(draw, known, elementary);
    if (step === undefined) continue;
    steps.push(step);
    known.push(step.shape);
  }
  const made = steps.map((_, i) => shapes.length + i);
  const results = made.filter((at) => at === made.at(-1) || draw.chance(0.4));
  return { shapes, steps, elementary, results };
}

/** All values of a program, with the ops of a pipeline. */
export function traced(
  ops: PipelineOps,
  { steps }: Program,
  tensors: readonly Tensor[],
  factor: number,
): Tensor[] {
  const values = [...tensors];
  for (const { of, run } of steps) values.push(run(ops, of.map((at) => values[at]), factor));
  return values;
}

/** What is known of a value on a backend. */
function known({ keepsAll }: Elementary, value: Tracked): Tracked {
  return keepsAll ? value : value.normal();
}

/** All values of a program in float64. */
export function computed(
  { steps, elementary }: Program,
  tensors: readonly Tensor[],
  factor: number,
): Tracked[] {
  const values = tensors.map((tensor) => known(elementary, Tracked.of(tensor)));
  for (const { of, tracked } of steps) {
    values.push(known(elementary, tracked(of.map((at) => values[at]), factor)));
  }
  return values;
}

/** The cotangents of all that was given, given that of the last value. */
export function pulled(
  { shapes, steps, elementary }: Program,
  values: readonly Tracked[],
  dy: Tracked,
  factor: number,
): Tracked[] {
  const cotangents: (Tracked | undefined)[] = values.map(() => undefined);
  cotangents[values.length - 1] = dy;
  for (let i = steps.length - 1; i >= 0; i--) {
    const { of, pull } = steps[i];
    const at = shapes.length + i;
    const own = cotangents[at];
    if (own === undefined) continue;
    pull(own, of.map((at) => values[at]), values[at], factor).forEach((cotangent, k) => {
      const before = cotangents[of[k]];
      const whole = before === undefined ? cotangent : before.with(cotangent, "add");
      cotangents[of[k]] = known(elementary, whole);
    });
  }
  return shapes.map((shape, at) => cotangents[at] ?? new Tracked(shape));
}
