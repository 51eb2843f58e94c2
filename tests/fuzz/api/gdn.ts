/**
 * gdn and gdnInverse.
 *
 * @module
 */
import { gdn, gdnInverse, tensor } from "../../../mod.ts";
import { gdn as gdnOracle } from "../../oracle/gdn.ts";
import { poolsOf, powerError, type Structured, structured } from "./gdn_case.ts";
import { given, inputOf, product } from "./inputs.ts";
import { exactly, type Family, U, zeros } from "./trial.ts";

/** {@linkcode gdn}. */
export const gdnFamily: Family = (draw, limits) => {
  const structure = structured(draw, limits, false);
  const { layout, options, exponents, form } = structure;
  const { shape, channelsAxis } = layout;
  return {
    what: structure.what,
    trial(numbers) {
      const x = inputOf(numbers, shape, form, limits.kinds);
      const params = structure.parameters(numbers);
      return {
        run: async (runtime) => ({ y: await gdn(x.given, params.given, { ...options, runtime }) }),
        expected: () => {
          if (product(shape) === 0) return { y: zeros(shape) };
          const { beta, gamma } = params;
          const y = gdnOracle(x.read, beta, gamma, { ...exponents, channelsAxis }).data;
          const { u, off } = poolsOf(x.read.data, structure, params);
          const { epsilon } = exponents;
          const allowed = y.map((value, i) =>
            U * Math.abs(value) * (epsilon * off[i] + powerError(u[i], epsilon) + 4)
          );
          return { y: { shape, values: y, allowed } };
        },
      };
    },
  };
};

/** {@linkcode gdnInverse}: what it finds must have `y` as its output. */
export const gdnInverseFamily: Family = (draw, limits) => {
  const structure = structured(draw, limits, false);
  const { layout, exponents: { alpha, epsilon }, what } = structure;
  const { shape, channelsAxis } = layout;
  const { betaMin, reparamOffset } = structure.options;
  const options = given({
    dataFormat: layout.dataFormat,
    alphaParameter: alpha,
    epsilonParameter: epsilon,
    betaMin,
    reparamOffset,
    maxSteps: draw.pick([50, 200]),
  });
  const own: Structured = {
    ...structure,
    exponents: { alpha, epsilon, inverse: false, rectify: false },
  };
  const { inverse: _, rectify: __, ...rest } = what as Record<string, unknown>;
  return {
    what: { ...rest, ...options },
    trial(numbers) {
      const source = tensor(numbers.numbers(product(shape), ["unit", "integers"]), shape);
      const params = own.parameters(numbers);
      const { beta, gamma } = params;
      const y = tensor(
        Float32Array.from(gdnOracle(source, beta, gamma, { alpha, epsilon, channelsAxis }).data),
        shape,
      );
      let again: ArrayLike<number> = [];
      let error: ArrayLike<number> = [];
      return {
        async run(runtime) {
          const { x, converged } = await gdnInverse(y, params.given, { ...options, runtime });
          const pools = poolsOf(source.data, own, params);
          // u = beta + M u with u > 0: the search contracts at least as fast as max (u - beta) / u.
          const slowest = pools.u.reduce((most, u, i) => {
            const c = Math.floor(i / pools.stride) % layout.channels;
            return Math.max(most, 1 - beta[c] / u);
          }, 0);
          const sure = alpha * epsilon === 1 && slowest ** (options.maxSteps - 1) < 1e-7;
          const found = converged || product(shape) === 0;
          again = found ? gdnOracle(x, beta, gamma, { alpha, epsilon, channelsAxis }).data : y.data;
          const { off, u } = poolsOf(x.data, own, params);
          // The last step changed u by 1e-6 at most; x and y are rounded a few times.
          error = y.data.map((value, i) =>
            found
              ? Math.abs(value) * (2e-6 * epsilon +
                U * (epsilon * off[i] * 2 + 2 * powerError(u[i], epsilon) + 8))
              : 0
          );
          return { y: tensor(Float32Array.from(again), shape), sure: sure && !found ? 1 : 0 };
        },
        expected: () => ({
          y: { shape, values: y.data, allowed: error },
          sure: exactly([], [0]),
        }),
      };
    },
  };
};
