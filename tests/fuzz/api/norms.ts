/**
 * Group, instance and layer norm, forward and back.
 *
 * @module
 */
import {
  type Activation,
  activations,
  groupNorm,
  groupNormVjp,
  instanceNorm,
  instanceNormVjp,
  layerNorm,
  layerNormVjp,
  type NormParams,
  type NormVjp,
  type Runtime,
  type Tensor,
  tensor,
  type TensorLike,
} from "../../../mod.ts";
import { strideOf } from "../../oracle/array.ts";
import { groupNorm as groupOracle, layerNorm as layerOracle } from "../../oracle/group_norm.ts";
import { statisticsSets } from "../../oracle/moments.ts";
import type { Draw } from "./draw.ts";
import {
  divisorsOf,
  FORMS,
  given,
  inputOf,
  layoutOf,
  product,
  shapeOf,
  vectorOf,
  VECTORS,
} from "./inputs.ts";
import { expectedBack, expectedY, type Normed, withoutKinks } from "./norm.ts";
import type { Sets } from "./statistics.ts";
import { type Expected, type Family, zeros } from "./trial.ts";

/** A norm with all but its numbers. */
interface Case {
  readonly shape: readonly number[];
  readonly parameters: readonly number[];
  readonly sets: Sets;
  readonly places: ArrayLike<number>;
  readonly options: Record<string, unknown>;
  run(x: TensorLike, params: NormParams, options: object): Promise<Tensor>;
  runVjp(x: TensorLike, params: NormParams, options: object): Promise<NormVjp>;
  oracle(
    x: Tensor,
    params: { beta?: Float32Array; gamma?: Float32Array },
    epsilon: number,
    activation: Activation,
  ): Float64Array;
}

const EPSILONS = [1e-6, 1e-5, 1e-3, 0.1];

function grouped(draw: Draw): Case {
  const layout = layoutOf(draw);
  const { shape, dataFormat, channels } = layout;
  const rank = shape.length;
  const named = draw.chance(0.5);
  // Any axis but the batch may hold the channels where they are told by number.
  const other = draw.integer(1, rank - 1);
  const channelsAxis = named || shape[other] === 0 ? layout.channelsAxis : other;
  const own = named ? channels : shape[channelsAxis];
  const groups = draw.chance(0.15) ? -1 : draw.pick(divisorsOf(own));
  const rest = shape.map((_, axis) => axis).filter((axis) => axis !== channelsAxis);
  const listed = !named && draw.chance(0.4) ? rest.filter(() => draw.chance(0.6)) : undefined;
  const reductionAxes = listed ?? rest.filter((axis) => axis !== 0);
  const count = groups === -1 ? own : groups;
  const { size, of } = statisticsSets(shape, reductionAxes, { groups: count, channelsAxis });
  const stride = strideOf(shape, channelsAxis);
  const meanCloseToZero = draw.chance(0.1) ? true : undefined;
  return {
    shape,
    parameters: [own],
    sets: { size, of, onePass: meanCloseToZero === true },
    places: of.map((_, i) => Math.floor(i / stride) % own),
    options: given({
      groups,
      meanCloseToZero,
      ...(named ? { dataFormat } : {
        channelsAxis: draw.chance(0.5) ? channelsAxis - rank : channelsAxis,
        reductionAxes: listed,
      }),
    }),
    run: groupNorm,
    runVjp: groupNormVjp,
    oracle: (x, params, epsilon, activation) =>
      groupOracle(x, {
        ...params,
        groups: count,
        channelsAxis,
        reductionAxes,
        epsilon,
        activation: activation === "none" ? undefined : activation,
      }).data,
  };
}

function instance(draw: Draw): Case {
  const { shape, dataFormat, channelsAxis, channels } = layoutOf(draw);
  const reductionAxes = shape.map((_, axis) => axis).filter((axis) =>
    axis !== 0 && axis !== channelsAxis
  );
  const { size, of } = statisticsSets(shape, reductionAxes, { groups: channels, channelsAxis });
  const stride = strideOf(shape, channelsAxis);
  return {
    shape,
    parameters: [channels],
    sets: { size, of },
    places: of.map((_, i) => Math.floor(i / stride) % channels),
    options: { dataFormat },
    run: instanceNorm,
    runVjp: instanceNormVjp,
    oracle: (x, params, epsilon, activation) =>
      groupOracle(x, {
        ...params,
        groups: channels,
        channelsAxis,
        reductionAxes,
        epsilon,
        activation: activation === "none" ? undefined : activation,
      }).data,
  };
}

function layered(draw: Draw): Case {
  const shape = shapeOf(draw, 1, 5);
  const rank = shape.length;
  const inner = draw.integer(1, rank);
  const axes = Array.from({ length: inner }, (_, i) => rank - inner + i);
  const parameters = shape.slice(rank - inner);
  const size = product(parameters);
  const of = Array.from({ length: product(shape) }, (_, i) => Math.floor(i / size));
  const explicit = inner > 1 || draw.chance(0.5);
  return {
    shape,
    parameters,
    sets: { size: product(shape.slice(0, rank - inner)), of },
    places: of.map((_, i) => i % size),
    options: explicit ? { axes: draw.chance(0.5) ? axes : axes.map((axis) => axis - rank) } : {},
    run: layerNorm,
    runVjp: layerNormVjp,
    oracle: (x, params, epsilon, activation) =>
      layerOracle(x, {
        ...params,
        axes,
        epsilon,
        activation: activation === "none" ? undefined : activation,
      }).data,
  };
}

function family(caseOf: (draw: Draw) => Case, back: boolean): Family {
  return (draw, limits) => {
    const test = caseOf(draw);
    const { shape, parameters, sets, places } = test;
    const hasBeta = draw.chance(0.6);
    const hasGamma = draw.chance(0.6);
    const activation = draw.chance(0.5) ? "none" : draw.pick(activations);
    const epsilon = draw.pick(EPSILONS);
    const form = draw.pick(FORMS);
    const vector = draw.pick(VECTORS);
    // false ignores a parameter that is given.
    const center = draw.chance(0.15) ? hasBeta && draw.chance(0.5) : undefined;
    const scale = draw.chance(0.15) ? hasGamma && draw.chance(0.5) : undefined;
    const options = given({ ...test.options, epsilon, activation, center, scale });
    // One pass is only right near 0.
    const kinds = test.options.meanCloseToZero ? (["unit"] as const) : limits.kinds;
    const xForm = test.options.meanCloseToZero ? "tensor" : form;
    return {
      what: { shape, ...options, hasBeta, hasGamma, form: xForm, vector },
      trial(numbers) {
        const x = inputOf(numbers, shape, xForm, kinds);
        const length = product(parameters);
        const beta = numbers.uniform(length, -2, 2);
        const gamma = numbers.uniform(length, -2, 2);
        const params = given({
          beta: hasBeta ? vectorOf(vector, beta, parameters) : undefined,
          gamma: hasGamma ? vectorOf(vector, gamma, parameters) : undefined,
        });
        const norm: Normed = {
          x: x.read.data,
          shape,
          sets,
          places,
          parameters,
          beta: hasBeta && center !== false ? beta : undefined,
          gamma: hasGamma && scale !== false ? gamma : undefined,
          epsilon,
          activation,
        };
        const applied = given({
          beta: norm.beta as Float32Array | undefined,
          gamma: norm.gamma as Float32Array | undefined,
        });
        const empty = product(shape) === 0;
        const expectedOf = (): Expected =>
          empty ? zeros(shape) : expectedY(norm, test.oracle(x.read, applied, epsilon, activation));
        if (!back) {
          return {
            run: async (runtime) => ({
              y: await test.run(x.given, params, { ...options, runtime }),
            }),
            expected: () => ({ y: expectedOf() }),
          };
        }
        const drawn = numbers.numbers(product(shape), ["unit"]);
        const dy = empty ? drawn : withoutKinks(norm, drawn);
        return {
          async run(runtime: Runtime) {
            const { y, vjp } = await test.runVjp(x.given, params, { ...options, runtime });
            const { x: dx, params: cotangents } = await vjp(tensor(dy, shape));
            return { y, x: dx, ...cotangents as Record<string, Tensor> };
          },
          expected() {
            const none = zeros(parameters);
            const found = empty
              ? { x: zeros(shape), beta: none, gamma: none }
              : expectedBack(norm, dy);
            return {
              y: expectedOf(),
              x: found.x,
              ...(norm.beta !== undefined && { beta: found.beta }),
              ...(norm.gamma !== undefined && { gamma: found.gamma }),
            };
          },
        };
      },
    };
  };
}

/** The norms and their ways back, by the names of the ops. */
export const normFamilies: Readonly<Record<string, Family>> = {
  groupNorm: family(grouped, false),
  groupNormVjp: family(grouped, true),
  instanceNorm: family(instance, false),
  instanceNormVjp: family(instance, true),
  layerNorm: family(layered, false),
  layerNormVjp: family(layered, true),
};
