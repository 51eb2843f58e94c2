/**
 * Steps of sgd, adam and adamw, in float64 here: a handful of operations for each number.
 *
 * @module
 */
import { type Tensor, tensor } from "../../../mod.ts";
import { adam, adamw, sgd } from "../../../ops/training/mod.ts";
import type { Draw } from "./draw.ts";
import { given, product, shapeOf } from "./inputs.ts";
import { type Answers, exactly, type Expected, type Family, U } from "./trial.ts";

/** Parameters, gradients or moments: an object with a list. */
interface Tree {
  readonly w: Tensor;
  readonly rest: readonly [Tensor];
}

function treeOf(shapes: readonly (readonly number[])[], fill: (length: number) => Float32Array) {
  const [w, rest] = shapes.map((shape) => tensor(fill(product(shape)), shape));
  return { w, rest: [rest] } satisfies Tree as Tree;
}

function answersOf(name: string, { w, rest }: Tree): Answers {
  return { [name]: w, [`${name}0`]: rest[0] };
}

/** Applies a rule to the numbers of several trees; it answers with a value and its error. */
function expectedTree(
  name: string,
  trees: readonly Tree[],
  rule: (...values: number[]) => readonly [value: number, allowed: number],
): Record<string, Expected> {
  const one = (tensors: readonly Tensor[]): Expected => {
    const pairs = Array.from(
      tensors[0].data,
      (_, i) => rule(...tensors.map(({ data }) => data[i])),
    );
    return {
      shape: tensors[0].shape,
      values: pairs.map(([value]) => value),
      allowed: pairs.map(([, allowed]) => allowed),
    };
  };
  return {
    [name]: one(trees.map(({ w }) => w)),
    [`${name}0`]: one(trees.map(({ rest }) => rest[0])),
  };
}

function shapesOf(draw: Draw): readonly (readonly number[])[] {
  return [shapeOf(draw, 1, 3), shapeOf(draw, 1, 3)];
}

/** {@linkcode sgd}. */
export const sgdFamily: Family = (draw) => {
  const shapes = shapesOf(draw);
  const options = given({
    learningRate: draw.pick([0, 0.01, 1]),
    momentum: draw.pick([undefined, 0, 0.5, 0.99]),
    dampening: draw.pick([undefined, 0, 0.5]),
    weightDecay: draw.pick([undefined, 0, 0.1]),
  });
  const { learningRate: rate, momentum = 0, dampening = 0, weightDecay = 0 } = options;
  const nesterov = dampening === 0 && draw.pick([true, false]);
  return {
    what: { shapes, nesterov, ...options },
    trial(numbers) {
      const any = () => treeOf(shapes, (length) => numbers.numbers(length, ["unit", "wide"]));
      const params = any();
      const grads = any();
      const velocity = any();
      const taken = numbers.integer(0, 2);
      const share = taken === 0 || momentum === 0 ? 1 : 1 - dampening;
      const penalized = (p: number, g: number) => g + weightDecay * p;
      const size = (p: number, g: number) => Math.abs(g) + Math.abs(weightDecay * p);
      const next = (p: number, v: number, g: number) => momentum * v + share * penalized(p, g);
      const off = (p: number, v: number, g: number) =>
        3 * U * Math.abs(momentum * v) + 6 * U * size(p, g);
      return {
        async run(runtime) {
          const state = { step: tensor(Float32Array.of(taken), []), velocity };
          const step = await sgd(params, grads, state, { ...options, nesterov, runtime });
          return {
            ...answersOf("params", step.params),
            ...answersOf("velocity", step.state.velocity),
            step: step.state.step,
          };
        },
        expected: () => ({
          step: exactly([], [taken + 1]),
          ...expectedTree("velocity", [params, velocity, grads], (p, v, g) => [
            next(p, v, g),
            off(p, v, g),
          ]),
          ...expectedTree("params", [params, velocity, grads], (p, v, g) => {
            const velocity = next(p, v, g);
            const moved = nesterov ? penalized(p, g) + momentum * velocity : velocity;
            const most = size(p, g) + Math.abs(velocity) + off(p, v, g) / U;
            return [p - rate * moved, 2 * U * Math.abs(p) + rate * 4 * U * most];
          }),
        }),
      };
    },
  };
};

/** {@linkcode adam} and {@linkcode adamw}. */
export const adamFamily: Family = (draw) => {
  const shapes = shapesOf(draw);
  const decays = draw.pick([true, false]);
  const options = given({
    learningRate: draw.pick([0, 0.001, 1]),
    beta1: draw.pick([undefined, 0, 0.5]),
    beta2: draw.pick([undefined, 0, 0.99]),
    epsilon: draw.pick([undefined, 1e-3]),
    ...(decays && { weightDecay: draw.pick([undefined, 0, 0.1]) }),
  });
  const { learningRate: rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = decays ? 0.01 : 0 } = options;
  return {
    what: { op: decays ? "adamw" : "adam", shapes, ...options },
    trial(numbers) {
      const any = () => treeOf(shapes, (length) => numbers.numbers(length, ["unit", "wide"]));
      const params = any();
      const grads = any();
      const firstMoment = any();
      const secondMoment = treeOf(shapes, (length) => numbers.uniform(length, 0.01, 2));
      const taken = numbers.chance(0.3) ? 0 : numbers.integer(1, 3000);
      const step = tensor(Float32Array.of(taken), []);
      const first = (m: number, g: number) => beta1 * m + (1 - beta1) * g;
      const firstOff = (m: number, g: number) =>
        4 * U * (Math.abs(beta1 * m) + Math.abs((1 - beta1) * g) + Math.abs((1 - beta1) * m));
      const second = (v: number, g: number) => beta2 * v + (1 - beta2) * g * g;
      const secondOff = (v: number, g: number) => 6 * U * second(v, g) + 2 * U * v;
      const weights = [beta1, beta2].map((beta) => 1 - beta ** (taken + 1));
      return {
        async run(runtime) {
          const state = { step, firstMoment, secondMoment };
          const next = await (decays ? adamw : adam)(params, grads, state, { ...options, runtime });
          return {
            ...answersOf("params", next.params),
            ...answersOf("first", next.state.firstMoment),
            ...answersOf("second", next.state.secondMoment),
            step: next.state.step,
          };
        },
        expected: () => ({
          step: exactly([], [taken + 1]),
          ...expectedTree("first", [firstMoment, grads], (m, g) => [first(m, g), firstOff(m, g)]),
          ...expectedTree(
            "second",
            [secondMoment, grads],
            (v, g) => [second(v, g), secondOff(v, g)],
          ),
          ...expectedTree(
            "params",
            [params, firstMoment, secondMoment, grads],
            (p, m, v, g) => {
              const root = Math.sqrt(second(v, g) / weights[1]) + epsilon;
              const update = first(m, g) / weights[0] / root;
              // The root halves what is off below it; the two powers of beta round a few times.
              const off = firstOff(m, g) / weights[0] / root +
                Math.abs(update) * (secondOff(v, g) / second(v, g) + 16 * U);
              const decay = weightDecay * p;
              return [
                p - rate * (update + decay),
                2 * U * Math.abs(p) + rate * (off + 4 * U * Math.abs(decay)),
              ];
            },
          ),
        }),
      };
    },
  };
};
