/**
 * Pipelines: random programs of arithmetic, sums, matrix products, losses and activations, and their
 * gradients, beside the same programs in float64 by tracked.ts.
 *
 * @module
 */
import { pipeline, type PipelineOps, type Runtime, type Tensor, tensor } from "../../../mod.ts";
import type { Draw } from "./draw.ts";
import { product } from "./inputs.ts";
import { computed, type Program, programOf, pulled, traced } from "./programs.ts";
import { Tracked } from "./tracked.ts";
import type { Answers, Expected, Family } from "./trial.ts";

/** What a call of a pipeline is given. */
interface Given {
  readonly tensors: readonly Tensor[];
  /** What the last value is multiplied by before it is summed: the cotangent of it. */
  readonly weights: Tensor;
  readonly factor: number;
}

/** Where float32 ends, is no number, or has a function's turns. */
const HOSTILE = [0, -0, 0.5, -1, 1e-45, -1e-40, 1e-20, 1e20, -3e38, Infinity, -Infinity, NaN];

/** Numbers, now and then with a few hostile ones. */
function numbersOf(draw: Draw, length: number): Float32Array {
  const numbers = draw.numbers(length, ["unit", "wide", "integers"]);
  if (draw.chance(0.8)) return numbers;
  for (let i = draw.integer(1, 2); i > 0; i--) {
    numbers[draw.integer(0, length - 1)] = draw.pick(HOSTILE);
  }
  return numbers;
}

function run(
  ops: PipelineOps,
  program: Program,
  captured: Tensor,
  { tensors, weights, factor }: Given,
  takesGradient: boolean,
): Record<string, Tensor> {
  const { results } = program;
  const named = (values: readonly Tensor[]) =>
    Object.fromEntries(results.map((at) => [`v${at}`, values[at]]));
  if (!takesGradient) return named(traced(ops, program, [...tensors, captured], factor));
  const { value, grads, aux } = ops.valueAndGrad((tensors) => {
    const values = traced(ops, program, [...tensors, captured], factor);
    return { value: ops.sum(ops.mul(values.at(-1)!, weights)), aux: named(values) };
  }, tensors);
  return { ...aux, loss: value, ...Object.fromEntries(grads.map((grad, at) => [`d${at}`, grad])) };
}

function expected(
  program: Program,
  captured: Tensor,
  { tensors, weights, factor }: Given,
  takesGradient: boolean,
): Record<string, Expected> {
  const values = computed(program, [...tensors, captured], factor);
  const named = Object.fromEntries(program.results.map((at) => [`v${at}`, values[at].expected()]));
  if (!takesGradient) return named;
  const dy = Tracked.of(weights);
  const weighted = values.at(-1)!.with(dy, "mul");
  const loss = weighted.sum(weighted.shape.map((_, axis) => axis)).expected();
  const grads = pulled(program, values, dy, factor).slice(0, tensors.length);
  return {
    ...named,
    loss,
    ...Object.fromEntries(grads.map((grad, at) => [`d${at}`, grad.expected()])),
  };
}

export const pipelineFamily: Family = (draw, { elementary }) => {
  const program = programOf(draw, elementary);
  const takesGradient = draw.chance(0.5);
  const { shapes, steps, results } = program;
  const last = steps.at(-1)!.shape;
  // The last tensor is captured: the same object, with other numbers at every call.
  const captured = tensor(new Float32Array(product(shapes[3])), shapes[3]);
  const pipelines = new WeakMap<Runtime, (given: Given) => Promise<Answers>>();
  return {
    what: { shapes, steps, results, takesGradient },
    trial(numbers) {
      const tensors = shapes.slice(0, 3).map((shape) =>
        tensor(numbersOf(numbers, product(shape)), shape)
      );
      captured.data.set(numbers.numbers(captured.data.length, ["unit"]));
      const given = {
        tensors,
        weights: tensor(numbers.numbers(product(last), ["unit", "integers"]), last),
        factor: numbers.normal(),
      };
      return {
        run(runtime) {
          let call = pipelines.get(runtime);
          if (call === undefined) {
            call = pipeline(
              (ops, given: Given) => run(ops, program, captured, given, takesGradient),
              { runtime },
            );
            pipelines.set(runtime, call);
          }
          return call(given);
        },
        expected: () =>
          expected(
            program,
            captured,
            { ...given, factor: Math.fround(given.factor) },
            takesGradient,
          ),
      };
    },
  };
};
