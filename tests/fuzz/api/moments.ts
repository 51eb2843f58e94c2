/**
 * moments in its three forms, weighted or not, of a whole or of two merged parts.
 *
 * @module
 */
import { mergeMoments, moments, type Tensor } from "../../../mod.ts";
import { moments as oracle, statisticsSets } from "../../oracle/moments.ts";
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
import { statisticsOf } from "./statistics.ts";
import { type Expected, type Family, U, zeros } from "./trial.ts";

export const momentsFamily: Family = (draw, limits) => {
  const way = draw.pick(["format", "axes", "groups"] as const);
  const layout = layoutOf(draw);
  const shape = way === "axes" ? shapeOf(draw, 1, 5) : layout.shape;
  const rank = shape.length;
  const all = shape.map((_, axis) => axis);
  const other = draw.integer(1, rank - 1);
  const channelsAxis = way === "format" || shape[other] === 0 ? layout.channelsAxis : other;
  const rest = all.filter((axis) => axis !== channelsAxis);
  const axes = way === "axes" ? all.filter(() => draw.chance(0.6)) : rest;
  const own = shape[channelsAxis] ?? 1;
  const groups = way === "groups" ? draw.pick(divisorsOf(own)) : undefined;
  const listed = draw.chance(0.5) ? rest.filter(() => draw.chance(0.6)) : undefined;
  const pooled = way === "groups" ? listed ?? rest.filter((axis) => axis !== 0) : axes;
  const options = given({
    dataFormat: way === "format" ? layout.dataFormat : undefined,
    axes: way === "axes" ? axes.map((axis) => draw.chance(0.5) ? axis : axis - rank) : undefined,
    groups,
    channelsAxis: way === "groups" ? channelsAxis : undefined,
    reductionAxes: way === "groups" ? listed : undefined,
  });
  const empty = product(shape) === 0;
  const weighted = !empty && draw.chance(0.3);
  const merged = !empty && !weighted && way === "format" && shape[0] > 1;
  const form = draw.pick(FORMS);
  const vector = draw.pick(VECTORS);
  return {
    what: { shape, ...options, weighted, merged, form, vector },
    trial(numbers) {
      const x = inputOf(numbers, shape, form, limits.kinds);
      const weights = weighted ? numbers.uniform(shape[0], 0.1, 2) : undefined;
      const kept = shape.filter((_, axis) => !pooled.includes(axis));
      const at = all.filter((axis) => !pooled.includes(axis)).indexOf(channelsAxis);
      if (groups !== undefined) kept[at] = groups;
      // Weighted sets inside of items have counts of their own.
      const perItem = weighted && !pooled.includes(0);
      return {
        async run(runtime) {
          const found = merged
            ? mergeMoments(
              await moments(part(x.read, 0, 1), { ...options, runtime }),
              await moments(part(x.read, 1, shape[0]), { ...options, runtime }),
            )
            : await moments(
              x.given,
              { ...options, ...(weights && { batchWeights: vectorOf(vector, weights) }), runtime },
            );
          const { count, mean, m2 } = found;
          return { count, mean, m2 };
        },
        expected() {
          if (empty) return { count: zeros([]), mean: zeros(kept), m2: zeros(kept) };
          const grouping = groups === undefined ? {} : { groups, channelsAxis };
          const found = oracle(x.read, pooled, { ...grouping, weights });
          const sets = statisticsSets(shape, pooled, grouping);
          const item = product(shape.slice(1));
          const { mean, variance, off } = statisticsOf(x.read.data, {
            ...sets,
            weights: weights &&
              Float64Array.from(x.read.data, (_, i) => weights[Math.floor(i / item)]),
          }, 0);
          const perSet = Array.from(found.count);
          const counts = perItem
            ? Array.from({ length: shape[0] }, (_, i) =>
              weights![i] * product(shape) / shape[0] /
              (sets.size / shape[0]))
            : [perSet[0]];
          const count: Expected = {
            shape: perItem ? [shape[0]] : [],
            values: counts,
            allowed: counts.map((value) => weighted ? U * (shape[0] + 4) * value : 0),
          };
          return {
            count,
            mean: {
              shape: kept,
              values: found.mean,
              allowed: found.mean.map((_, set) =>
                2 * U * Math.abs(mean[set]) + off[set] * Math.sqrt(variance[set])
              ),
            },
            m2: {
              shape: kept,
              values: found.m2,
              allowed: found.m2.map((value, set) => 2 * off[set] * value + U * 8 * value),
            },
          };
        },
      };
    },
  };
};

/** Some items of a tensor. */
function part({ shape, data }: Tensor, from: number, to: number): Tensor {
  const item = product(shape.slice(1));
  return { shape: [to - from, ...shape.slice(1)], data: data.slice(from * item, to * item) };
}
