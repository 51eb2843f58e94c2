/**
 * The WebAssembly instructions that the tile compiler emits, as bytes.
 *
 * @module
 */
import { unsigned } from "./encoding.ts";

/** Types of parameters, results and variables. */
export type ValueType = "i32" | "v128";

/** Their bytes in a module. */
export const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };

/** The code of a SIMD instruction. */
const simd = (code: number) => [0xfd, ...unsigned(code)];

/** Instructions without immediates, by their names in the specification. */
export const INSTRUCTIONS = {
  "end": [0x0b],
  "select": [0x1b],
  "i32.eqz": [0x45],
  "i32.lt_s": [0x48],
  "i32.gt_s": [0x4a],
  "i32.ge_s": [0x4e],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.div_u": [0x6e],
  "i32.rem_u": [0x70],
  "i32.shl": [0x74],
  "i32x4.splat": simd(0x11),
  "f32x4.eq": simd(0x41),
  "f32x4.ne": simd(0x42),
  "f32x4.lt": simd(0x43),
  "f32x4.gt": simd(0x44),
  "f32x4.le": simd(0x45),
  "f32x4.ge": simd(0x46),
  "f64x2.eq": simd(0x47),
  "f64x2.lt": simd(0x49),
  "v128.not": simd(0x4d),
  "v128.and": simd(0x4e),
  "v128.or": simd(0x50),
  "v128.xor": simd(0x51),
  "v128.bitselect": simd(0x52),
  "f32x4.demote_f64x2_zero": simd(0x5e),
  "f64x2.promote_low_f32x4": simd(0x5f),
  "f32x4.floor": simd(0x68),
  "f64x2.nearest": simd(0x94),
  "i32x4.gt_s": simd(0x3b),
  "i32x4.add": simd(0xae),
  "i64x2.shl": simd(0xcb),
  "i64x2.shr_u": simd(0xcd),
  "i64x2.add": simd(0xce),
  "i64x2.sub": simd(0xd1),
  "f32x4.abs": simd(0xe0),
  "f32x4.neg": simd(0xe1),
  "f32x4.sqrt": simd(0xe3),
  "f32x4.add": simd(0xe4),
  "f32x4.sub": simd(0xe5),
  "f32x4.mul": simd(0xe6),
  "f32x4.div": simd(0xe7),
  "f32x4.min": simd(0xe8),
  "f32x4.max": simd(0xe9),
  "f32x4.pmin": simd(0xea),
  "f64x2.abs": simd(0xec),
  "f64x2.add": simd(0xf0),
  "f64x2.sub": simd(0xf1),
  "f64x2.mul": simd(0xf2),
  "f64x2.div": simd(0xf3),
  "f64x2.min": simd(0xf4),
  "f64x2.max": simd(0xf5),
  "f32x4.convert_i32x4_s": simd(0xfa),
  "f32x4.relaxed_madd": simd(0x105),
  "f32x4.relaxed_nmadd": simd(0x106),
} as const satisfies Record<string, readonly number[]>;

/** What stands before the 16 bytes of a constant. */
export const V128_CONST: readonly number[] = simd(0x0c);

/** Instructions that read or write memory. */
export const ACCESSES = {
  "i32.load": [0x28],
  "v128.load": simd(0x00),
  "v128.load32_splat": simd(0x09),
  "v128.store": simd(0x0b),
} as const satisfies Record<string, readonly number[]>;

/** Instructions on one lane in memory. */
export const LANE_ACCESSES = {
  "v128.load32_lane": simd(0x56),
  "v128.store32_lane": simd(0x5a),
} as const satisfies Record<string, readonly number[]>;
