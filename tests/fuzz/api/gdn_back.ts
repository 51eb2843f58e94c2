/**
 * gdnVjp.
 *
 * @module
 */
import { gdnVjp, tensor } from "../../../mod.ts";
import {
  effectiveGradient,
  gdn as gdnOracle,
  gdnVjp as vjpOracle,
  parameterBound,
} from "../../oracle/gdn.ts";
import { poolsOf, powerError, type Structured, structured } from "./gdn_case.ts";
import { inputOf, product } from "./inputs.ts";
import { type Expected, type Family, U, zeros } from "./trial.ts";

/** {@linkcode gdnVjp}, with y and every cotangent. */
export const gdnVjpFamily: Family = (draw, limits) => {
  const structure = structured(draw, limits, true);
  const { layout, options, exponents, form } = structure;
  const { shape, channelsAxis, channels } = layout;
  const { alpha, epsilon, inverse, rectify } = exponents;
  // The derivative of |x|^alpha at 0 has no value for exponents below 1.
  const kinds = alpha < 1 && !limits.hard ? (["unit", "offCentre"] as const) : limits.kinds;
  const xForm = alpha < 1 && !limits.hard ? "tensor" : form;
  const rectified = rectify && !(alpha < 1 && !limits.hard);
  const own: Structured = {
    ...structure,
    exponents: { ...exponents, rectify: rectified },
  };
  const all = { ...options, rectify: rectified };
  return {
    what: { ...structure.what, rectify: rectified, form: xForm },
    trial(numbers) {
      const x = inputOf(numbers, shape, xForm, kinds);
      const params = own.parameters(numbers);
      const dy = tensor(numbers.numbers(product(shape), ["unit"]), shape);
      return {
        async run(runtime) {
          const { y, vjp } = await gdnVjp(x.given, params.given, { ...all, runtime });
          const back = await vjp(dy);
          const { beta, gamma, reparamBeta, reparamGamma } = back.params as unknown as Record<
            string,
            typeof y
          >;
          return {
            y,
            x: back.x,
            beta: beta ?? reparamBeta,
            gamma: gamma ?? reparamGamma,
            alpha: back.alphaParameter,
            epsilon: back.epsilonParameter,
          };
        },
        expected() {
          const square = [channels, channels];
          if (product(shape) === 0) {
            return {
              y: zeros(shape),
              x: zeros(shape),
              beta: zeros([channels]),
              gamma: zeros(square),
              alpha: zeros([]),
              epsilon: zeros([]),
            };
          }
          const options = { ...own.exponents, channelsAxis };
          const { beta, gamma, stored } = params;
          const y = gdnOracle(x.read, beta, gamma, options).data;
          const found = vjpOracle(x.read, beta, gamma, dy.data, options);
          const { v, u, off, stride } = poolsOf(x.read.data, own, params);
          const p = inverse ? epsilon : -epsilon;
          const size = v.length;
          const n = size / channels;
          const yOff = y.map((value, i) =>
            U * Math.abs(value) * (epsilon * off[i] + powerError(u[i], epsilon) + 4)
          );
          // |q| and its error, then what each cotangent sums up of it.
          const q = new Float64Array(size);
          const qOff = new Float64Array(size);
          for (let i = 0; i < size; i++) {
            q[i] = Math.abs(p * dy.data[i] * v[i]) * u[i] ** (p - 1);
            qOff[i] = q[i] * (Math.abs(p - 1) * off[i] + powerError(u[i], p) + 8);
          }
          const x_ = new Float64Array(size);
          const beta_ = new Float64Array(channels);
          const gamma_ = new Float64Array(channels ** 2);
          let alpha_ = 0;
          let epsilon_ = 0;
          for (let i = 0; i < size; i++) {
            const k = Math.floor(i / stride) % channels;
            const at = Math.abs(v[i]);
            const power = at ** alpha;
            const own = powerError(at, alpha) + channels + 4;
            let pull = 0;
            let pullOff = 0;
            for (let c = 0; c < channels; c++) {
              const other = i + (c - k) * stride;
              // Rounding stored parameters costs more than rounding effective ones.
              const weight = gamma[k * channels + c];
              const coarse = stored === undefined ? 0 : 5 * (weight + params.pedestal);
              pull += weight * q[other];
              pullOff += weight * qOff[other] + coarse * q[other];
              gamma_[k * channels + c] += power * (qOff[other] + (own + n) * q[other]);
            }
            pullOff += own * pull;
            beta_[k] += qOff[i] + n * q[i];
            const direct = Math.abs(dy.data[i]) * u[i] ** p;
            x_[i] = direct * (Math.abs(p) * off[i] + powerError(u[i], p) + 4);
            if (at > 0) {
              x_[i] += alpha * at ** (alpha - 1) * pullOff;
              const log = Math.abs(Math.log(at));
              alpha_ += power * ((log + 1) * pullOff + (log + 1) * (size + 4) * pull);
            }
            const log = Math.abs(Math.log(u[i]));
            const term = direct * at;
            epsilon_ += term *
              ((log + 1) * (Math.abs(p) * off[i] + powerError(u[i], p) + size + 4) + off[i]);
          }
          const scaled = (list: Float64Array) => list.map((value) => U * value);
          const both = {
            y: { shape, values: y, allowed: yOff },
            x: { shape, values: found.dx.data, allowed: scaled(x_) },
            alpha: { shape: [], values: [found.dAlpha], allowed: [U * alpha_] },
            epsilon: { shape: [], values: [found.dEpsilon], allowed: [U * epsilon_] },
          };
          if (stored === undefined) {
            return {
              ...both,
              beta: { shape: [channels], values: found.dBeta, allowed: scaled(beta_) },
              gamma: { shape: square, values: found.dGamma, allowed: scaled(gamma_) },
            };
          }
          const { betaMin = 1e-6, reparamOffset = 2 ** -18 } = all;
          return {
            ...both,
            beta: backToStored([channels], stored.beta, betaMin, reparamOffset, found.dBeta, beta_),
            gamma: backToStored(square, stored.gamma, 0, reparamOffset, found.dGamma, gamma_),
          };
        },
      };
    },
  };
};

/** Through the square and the bound; below the bound a sign decides, which an error may turn. */
function backToStored(
  shape: readonly number[],
  raw: Float32Array,
  minimum: number,
  offset: number,
  gradient: Float64Array,
  off: Float64Array,
): Expected {
  const bound = parameterBound(minimum, offset);
  const values = effectiveGradient(Float32Array.from(raw), minimum, offset, gradient);
  const atBound = Math.fround(bound);
  const allowed = values.map((_, i) => {
    const factor = 2 * Math.max(raw[i], bound);
    // At the bound as float32 has it both passes: a value equal to the bound is not below it.
    if (raw[i] === atBound) values[i] = factor * gradient[i];
    const error = U * factor * (off[i] + 8 * Math.abs(gradient[i]));
    return raw[i] < bound ? 2 * error : error;
  });
  return { shape, values, allowed };
}
