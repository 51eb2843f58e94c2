/**
 * Functions of one number in float64 that know how far a float32 computation of them may be off.
 * JavaScript and WebAssembly compute exp, log and pow in float64 and round them, and keep every number
 * that float32 has; shaders do what WGSL asks for.
 *
 * @module
 */
import type { Runtime } from "../../../mod.ts";
import { keepsAll } from "../../support/keeps_all.ts";

/** Half a unit in the last place of float32, relative: what one rounding costs. */
export const U = 2 ** -24;

/** A function, and how far it may be off at a number that is exact. */
export interface Curve {
  readonly at: (x: number) => number;
  readonly off: (x: number) => number;
}

/** What differs between backends. */
export interface Elementary {
  /** Whether infinite numbers, NaN and subnormal numbers are kept, which shaders need not do. */
  readonly keepsAll: boolean;
  readonly exp: Curve;
  readonly log: Curve;
  readonly pow: (exponent: number) => Curve;
}

/** A function that is rounded, with one rounding to spare. */
export function rounded(at: Curve["at"]): Curve {
  return { at, off: (x) => 2 * U * Math.abs(at(x)) };
}

const inFloat64: Elementary = {
  keepsAll: true,
  exp: rounded(Math.exp),
  log: rounded(Math.log),
  pow: (exponent) => rounded((x) => x ** exponent),
};

/** A unit in the last place of a number is 2 U of it at most. */
const UNIT = 2 * U;
/** Units that exp(x) and exp2(x) may be off by. */
const unitsOfExp = (x: number) => 3 + 2 * Math.abs(x);

/**
 * Source: WebGPU Shading Language, section "Floating Point Accuracy": 3 + 2 |x| units for exp and exp2;
 * for log and log2 2^-21 between 0.5 and 2, and 3 units elsewhere; exp2(y log2(x)) for pow.
 */
const inShaders: Elementary = {
  keepsAll: false,
  exp: { at: Math.exp, off: (x) => finite(x) ? unitsOfExp(x) * UNIT * Math.exp(x) : 0 },
  log: { at: Math.log, off: (x) => errorOfLog(x, Math.log(x)) },
  pow: (exponent) => ({
    at: (x) => x ** exponent,
    off(x) {
      if (x === 0 || !finite(x)) return 0;
      const log = Math.log2(Math.abs(x));
      const power = exponent * log;
      const off = Math.abs(exponent) * errorOfLog(Math.abs(x), log) + U * Math.abs(power);
      return (unitsOfExp(power) * UNIT + Math.LN2 * off) * Math.abs(x ** exponent);
    },
  }),
};

function errorOfLog(x: number, log: number): number {
  return x >= 0.5 && x <= 2 ? 2 ** -21 : 3 * UNIT * Math.abs(log);
}

const finite = Number.isFinite;

/** As a backend computes them. */
export function elementaryOf(backend: Runtime["backend"]): Elementary {
  return keepsAll(backend) ? inFloat64 : inShaders;
}
