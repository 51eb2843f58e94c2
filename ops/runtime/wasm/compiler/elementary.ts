/**
 * exp, log and pow of four float32 numbers, as functions of a module. They are computed in float64
 * and rounded once: within half a unit in the last place and a hair, and the same bits on every
 * engine, as only operations are used that IEEE 754 defines to the last bit.
 *
 * @module
 */
import type { Code } from "./code.ts";
import type { Module } from "./module.ts";

/** The functions that there are. */
export type Elementary = "exp" | "log" | "pow";

/** Adds the functions to a module as they are asked for. */
export class ElementaryFunctions {
  readonly #module: Module;
  readonly #added = new Map<Elementary, number>();

  constructor(module: Module) {
    this.#module = module;
  }

  /** The index of a function from one vector of float32 to another, or from two for pow. */
  index(name: Elementary): number {
    let index = this.#added.get(name);
    if (index === undefined) {
      const parameters = name === "pow" ? 2 : 1;
      index = this.#module.add(new Array(parameters).fill("v128"), ["v128"], (code) => {
        for (const [low, high] of [[0, 1], [2, 3]]) {
          // Both halves stand side by side, so that the processor can work at them together.
          const halves = Array.from({ length: parameters }, (_, parameter) => {
            const half = code.local("v128");
            code.get(parameter).get(parameter).shuffle(low, high, low, high);
            code.do("f64x2.promote_low_f32x4").set(half);
            return half;
          });
          EMIT[name](code, ...halves);
          code.do("f32x4.demote_f64x2_zero");
        }
        code.shuffle(0, 1, 4, 5);
      });
      this.#added.set(name, index);
    }
    return index;
  }
}

/** The functions on two float64 numbers in variables, which they may overwrite. */
const EMIT: Readonly<Record<Elementary, (code: Code, ...of: number[]) => void>> = {
  exp: exponential,
  log: logarithm,
  pow: power,
};

/** Beyond these exp is 0 or infinite in float32. */
const LEAST = -110;
const GREATEST = 90;
/** Terms of exp's series on |r| <= ln 2 / 2: the first left out is below 2e-11. */
const EXP_TERMS = 9;
/** Terms of log's series in t^2 <= 0.0295: the first left out is below 2e-12. */
const LOG_TERMS = 7;
/** Adding it to a small integer leaves that in the low bits. */
const SHIFTER = 2 ** 52 + 2 ** 51;

/** exp(x) = 2^n exp(r) with n = round(x / ln 2) and r = x - n ln 2. */
function exponential(code: Code, x: number): void {
  const n = code.local("v128");
  code.get(x).doubles(LEAST).do("f64x2.max").doubles(GREATEST).do("f64x2.min").tee(x);
  code.doubles(1 / Math.LN2).do("f64x2.mul", "f64x2.nearest").set(n);
  code.get(x).get(n).doubles(Math.LN2).do("f64x2.mul", "f64x2.sub").set(x);
  // 1 + r (1 + r/2 (1 + r/3 (...)))
  code.doubles(1);
  for (let k = EXP_TERMS; k >= 1; k--) {
    code.get(x).do("f64x2.mul").doubles(1 / k).do("f64x2.mul").doubles(1).do("f64x2.add");
  }
  code.get(n).doubles(SHIFTER).do("f64x2.add").integer(52).do("i64x2.shl", "i64x2.add");
}

/** log(x) = e ln 2 + 2 atanh(t), where x = 2^e m, 0.7 < m < 1.5 and t = (m - 1) / (m + 1). */
function logarithm(code: Code, x: number): void {
  const e = code.local("v128");
  const t = code.local("v128");
  const square = code.local("v128");
  // Numbers from 0.7 up have the exponent of the next power of two below 1.5 of it.
  const start = 0x3fe6a00000000000n;
  code.get(x).longs(start).do("i64x2.sub").integer(52).do("i64x2.shr_u").set(e);
  code.get(x).get(e).integer(52).do("i64x2.shl", "i64x2.sub").set(t);
  // e is an unsigned shift of a signed number: 12 bits, as float64 by way of the mantissa's bits.
  code.get(e).longs(0x4330000000000000n).do("i64x2.add").doubles(2 ** 52).do("f64x2.sub").tee(e);
  code.doubles(4096).do("f64x2.sub").get(e).doubles(2048).get(e).do("f64x2.lt");
  code.do("v128.bitselect").set(e);
  code.get(t).doubles(1).do("f64x2.sub").get(t).doubles(1).do("f64x2.add", "f64x2.div").tee(t);
  code.get(t).do("f64x2.mul").set(square);
  code.doubles(1 / (2 * LOG_TERMS + 1));
  for (let k = LOG_TERMS - 1; k >= 0; k--) {
    code.get(square).do("f64x2.mul").doubles(1 / (2 * k + 1)).do("f64x2.add");
  }
  code.get(t).do("f64x2.mul").doubles(2).do("f64x2.mul");
  code.get(e).doubles(Math.LN2).do("f64x2.mul", "f64x2.add").set(t);
  // 0, infinity, and what has no logarithm.
  code.doubles(-Infinity).get(t).get(x).doubles(0).do("f64x2.eq", "v128.bitselect").set(t);
  code.doubles(Infinity).get(t).get(x).doubles(Infinity).do("f64x2.eq", "v128.bitselect").set(t);
  code.doubles(NaN).get(t).get(x).doubles(0).do("f64x2.lt");
  code.get(x).get(x).do("f64x2.eq", "v128.not", "v128.or", "v128.bitselect");
}

/** a^b = exp(b log |a|), with the sign and the exceptions of Math.pow. */
function power(code: Code, a: number, b: number): void {
  const result = code.local("v128");
  const broken = code.local("v128");
  const size = code.local("v128");
  const exponent = code.local("v128");
  const isWhole = () => code.do("f64x2.nearest", "f64x2.eq");
  code.get(b).get(b);
  isWhole().do("v128.not").set(broken);
  // The sign of the base comes through where the exponent is whole and its half is not.
  code.get(b).doubles(0.5).do("f64x2.mul").tee(result).get(result);
  isWhole().do("v128.not").get(broken).do("v128.not", "v128.and");
  code.get(a).do("v128.and").doubles(-0).do("v128.and");
  code.get(a).do("f64x2.abs").set(size).get(b);
  logarithm(code, size);
  code.do("f64x2.mul").set(exponent);
  exponential(code, exponent);
  code.do("v128.xor").set(result);
  code.doubles(NaN).get(result);
  code.get(a).doubles(0).do("f64x2.lt").get(broken).do("v128.and");
  code.doubles(-Infinity).get(a).do("f64x2.lt", "v128.and", "v128.bitselect").set(result);
  code.doubles(1).get(result).get(b).doubles(0).do("f64x2.eq", "v128.bitselect");
}
