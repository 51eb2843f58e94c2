/**
 * What the engine can multiply and add, by WebAssembly that does nothing else.
 *
 * @module
 */
import type { Code } from "../ops/runtime/wasm/compiler/code.ts";
import { Module } from "../ops/runtime/wasm/compiler/module.ts";

/** A loop of multiply-adds. */
export interface Yardstick {
  readonly name: string;
  /** Operations of one turn; a multiply-add is two. */
  readonly operations: number;
  readonly run: (turns: number) => void;
  /** What it reads; its sums are at the start of it when it is done. */
  readonly memory: WebAssembly.Memory;
}

const LANES = 4;
/** Channels of the packed tile: what it reads stays in the nearest cache. */
const CHANNELS = 192;
const QUADS = 4;
const ROWS = 2;
/** Where the tile's rows and its panel lie, and the bytes from one row to the next. */
const ROWS_AT = 65536;
const PANEL_AT = 4096;
const ROW_BYTES = 1024;
const PAGES = 2;
const VECTOR_BYTES = 16;

/**
 * The inner loops of a contraction, four vectors wide and two rows high, without anything around them:
 * both factors lie packed in the nearest cache, and nothing is stored.
 */
export function packedTile({ fused } = { fused: true }): Yardstick {
  const vectors = (code: Code, count: number) =>
    Array.from({ length: count }, () => code.local("v128"));
  const compiled = functionOf((code) => {
    const sums = vectors(code, QUADS * ROWS);
    const factors = vectors(code, QUADS);
    const packed = vectors(code, ROWS);
    const spread = code.local("v128");
    const panel = code.local("i32");
    const rows = code.local("i32");
    const left = code.local("i32");
    code.loop().integer(PANEL_AT).set(panel).integer(ROWS_AT).set(rows);
    code.integer(CHANNELS / LANES).set(left).loop();
    packed.forEach((row, i) => code.get(rows).access("v128.load", ROW_BYTES * i).set(row));
    for (let turn = 0; turn < LANES; turn++) {
      factors.forEach((factor, i) =>
        code.get(panel).access("v128.load", VECTOR_BYTES * (QUADS * turn + i)).set(factor)
      );
      packed.forEach((row, i) => {
        code.get(row).get(row).shuffle(turn, turn, turn, turn).set(spread);
        factors.forEach((factor, j) => {
          const sum = sums[QUADS * i + j];
          if (fused) code.get(spread).get(factor).get(sum).do("f32x4.relaxed_madd").set(sum);
          else code.get(sum).get(spread).get(factor).do("f32x4.mul", "f32x4.add").set(sum);
        });
      });
    }
    code.get(panel).integer(VECTOR_BYTES * QUADS * LANES).do("i32.add").set(panel);
    code.get(rows).integer(VECTOR_BYTES).do("i32.add").set(rows);
    repeat(code, left);
    repeat(code, 0);
    keep(code, sums);
  });
  const name = `a packed tile of ${QUADS} x ${ROWS}${fused ? "" : ", products and sums apart"}`;
  return { name, operations: 2 * LANES * QUADS * ROWS * CHANNELS, ...compiled };
}

/**
 * Multiply-adds of so many sums, all in registers: each is multiplied and added to, so that the next
 * waits for both.
 */
export function registers(count: number, { fused }: { readonly fused: boolean }): Yardstick {
  const unrolled = 4;
  const compiled = functionOf((code) => {
    const sums = Array.from({ length: count }, () => code.local("v128"));
    const factor = code.local("v128");
    const term = code.local("v128");
    code.floats(1.0001).set(factor).floats(0.5).set(term).loop();
    for (let i = 0; i < unrolled; i++) {
      for (const sum of sums) {
        if (fused) code.get(factor).get(term).get(sum).do("f32x4.relaxed_madd").set(sum);
        else code.get(sum).get(factor).do("f32x4.mul").get(term).do("f32x4.add").set(sum);
      }
    }
    repeat(code, 0);
    keep(code, sums);
  });
  const name = `${count} sums, ${fused ? "fused multiply-adds" : "products and sums apart"}`;
  return { name, operations: 2 * LANES * unrolled * count, ...compiled };
}

/** The end of a loop that a variable counts down. */
function repeat(code: Code, left: number): void {
  code.get(left).integer(1).do("i32.sub").tee(left).branchIf(0).do("end");
}

/** Without a use, an engine could leave sums out. */
function keep(code: Code, sums: readonly number[]): void {
  sums.forEach((sum, i) => code.integer(VECTOR_BYTES * i).get(sum).access("v128.store", 0));
}

function functionOf(emit: (code: Code) => void): Pick<Yardstick, "run" | "memory"> {
  const module = new Module();
  module.add(["i32"], [], emit, "run");
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const bytes = module.bytes({ pages: PAGES, shared: false });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { run: exports.run as Yardstick["run"], memory };
}
