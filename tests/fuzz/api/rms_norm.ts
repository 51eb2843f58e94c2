/**
 * RMS norm, forward and back.
 *
 * @module
 */
import { rmsNorm, rmsNormVjp, type Tensor, tensor } from "../../../mod.ts";
import { rmsNorm as oracle, rmsNormVjp as oracleVjp, rootsOf } from "../../oracle/rms_norm.ts";
import { FORMS, given, inputOf, layoutOf, product, vectorOf, VECTORS } from "./inputs.ts";
import { type Family, U, zeros } from "./trial.ts";

const EPSILONS = [1e-6, 1e-5, 1e-3, 0.1];

function family(back: boolean): Family {
  return (draw, limits) => {
    const { shape, dataFormat, channelsAxis, channels } = layoutOf(draw);
    const hasGamma = draw.chance(0.6);
    const epsilon = draw.pick(EPSILONS);
    const form = draw.pick(FORMS);
    const vector = draw.pick(VECTORS);
    const options = { dataFormat, epsilon };
    // Sums in nested loops, and a few roundings of factors.
    const summed = U * (2 * Math.sqrt(channels) + 24);
    return {
      what: { shape, ...options, hasGamma, form, vector },
      trial(numbers) {
        const x = inputOf(numbers, shape, form, limits.kinds);
        const gamma = numbers.uniform(channels, -2, 2);
        const params = given({ gamma: hasGamma ? vectorOf(vector, gamma) : undefined });
        const reference = { channelsAxis, epsilon, gamma: hasGamma ? gamma : undefined };
        const empty = product(shape) === 0;
        const expectedOf = () => {
          if (empty) return zeros(shape);
          const values = oracle(x.read, reference).data;
          return { shape, values, allowed: values.map((value) => Math.abs(value) * summed) };
        };
        if (!back) {
          return {
            run: async (runtime) => ({
              y: await rmsNorm(x.given, params, { ...options, runtime }),
            }),
            expected: () => ({ y: expectedOf() }),
          };
        }
        const dy = numbers.numbers(product(shape), ["unit"]);
        return {
          async run(runtime) {
            const { y, vjp } = await rmsNormVjp(x.given, params, { ...options, runtime });
            const { x: dx, params: cotangents } = await vjp(tensor(dy, shape));
            return { y, x: dx, ...cotangents as Record<string, Tensor> };
          },
          expected() {
            if (empty) {
              const none = { y: zeros(shape), x: zeros(shape) };
              return { ...none, ...(hasGamma && { gamma: zeros([channels]) }) };
            }
            const values = oracleVjp(x.read, dy, reference);
            // The same with magnitudes: the difference of h / r and x mean(h x) / r^3 hides their sizes.
            const scale = reference.gamma?.map(Math.abs);
            const sizes = { shape, data: Float64Array.from(x.read.data, Math.abs) };
            const magnitudes = oracleVjp(sizes, dy.map(Math.abs), { ...reference, gamma: scale });
            const { roots, channelOf } = rootsOf(x.read, reference);
            const allowed = values.x.map((_, i) => {
              const direct = Math.abs(dy[i]) * (scale?.[channelOf(i)] ?? 1) / roots[i];
              return 2 * summed * (2 * direct - magnitudes.x[i]);
            });
            const items = product(shape) / channels;
            return {
              y: expectedOf(),
              x: { shape, values: values.x, allowed },
              ...(hasGamma && {
                gamma: {
                  shape: [channels],
                  values: values.gamma,
                  allowed: magnitudes.gamma.map((sum) => sum * (summed + U * items)),
                },
              }),
            };
          },
        };
      },
    };
  };
}

/** RMS norm and its way back. */
export const rmsNormFamilies: Readonly<Record<string, Family>> = {
  rmsNorm: family(false),
  rmsNormVjp: family(true),
};
