/**
 * Tensors in float64 that know how far a float32 computation of them may be off: every operation
 * passes on the errors of its arguments and adds its own roundings. An error of Infinity stands for
 * what may come out as anything, such as what may have overflowed.
 *
 * @module
 */
import type { Activation, Tensor } from "../../../mod.ts";
import { commonShape } from "../../oracle/arithmetic.ts";
import { broadcastIndex, coordinatesOf } from "../../oracle/array.ts";
import { activated, activationError, nearKink, slopeError, slopeOf } from "./activation.ts";
import type { Curve } from "./elementary.ts";
import { product } from "./inputs.ts";
import { isSure, settled } from "./sure.ts";
import { type Expected, U } from "./trial.ts";

/** What is combined element by element. */
export type Operator = "add" | "sub" | "mul" | "div";

export class Tracked {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly off: Float64Array;

  constructor(shape: readonly number[], values?: Float64Array, off?: Float64Array) {
    this.shape = shape;
    this.values = values ?? new Float64Array(product(shape));
    this.off = off ?? new Float64Array(this.values.length);
  }

  static of({ shape, data }: Tensor): Tracked {
    return new Tracked(shape, Float64Array.from(data));
  }

  expected(): Expected {
    return { shape: this.shape, values: this.values, allowed: this.off };
  }

  /** a + b, a - b, a * b or a / b, each repeated along its axes of one element. */
  with(b: Tracked, op: Operator): Tracked {
    const result = new Tracked(commonShape(this.shape, b.shape)!);
    for (let i = 0; i < result.values.length; i++) {
      const at = coordinatesOf(i, result.shape);
      const p = broadcastIndex(at, this.shape);
      const q = broadcastIndex(at, b.shape);
      result.#set(i, ...combined(op, this.values[p], this.off[p], b.values[q], b.off[q]));
    }
    return result;
  }

  scaled(factor: number): Tracked {
    return this.#like((
      x,
      off,
    ) => [x * factor, Math.abs(factor) * off + 2 * U * Math.abs(x * factor)]);
  }

  /** Where all numbers but normal ones may come out as anything, and subnormal ones as 0. */
  normal(): Tracked {
    return this.#like((x, off) => [x, Number.isFinite(x) ? off : Infinity]);
  }

  /** The opposite, which rounds nothing. */
  negated(): Tracked {
    return new Tracked(this.shape, this.values.map((value) => -value), this.off);
  }

  /**
   * A function of every number, which goes up or down between its turns.
   *
   * @param turns Where it turns or jumps.
   * @param roundings How often a result is rounded besides.
   */
  mapped(f: Curve, turns: readonly number[], roundings = 0): Tracked {
    return this.#like((x, off) => {
      const value = f.at(x);
      if (!Number.isFinite(off)) return [value, Infinity];
      const near = turns.filter((turn) => Math.abs(turn - x) <= off);
      const ends = off === 0 ? [] : [x - off, x + off, ...near];
      const moved = Math.max(0, ...ends.map((end) => Math.abs(f.at(end) - value)));
      const own = f.off(x) + roundings * U * Math.abs(value);
      return [value, Number.isFinite(value) ? moved + own : off];
    });
  }

  activated(activation: Activation): Tracked {
    return this.#like((z, off) => {
      const value = activated(z, activation);
      // 1 z + 0 is what the kernel makes of z first.
      const own = activationError(z, activation, off + 2 * U * Math.abs(value));
      return [value, Number.isFinite(z) ? own : Infinity];
    });
  }

  /** The slopes of an activation. */
  slopes(activation: Activation): Tracked {
    return this.#like((z, off) => {
      // No slope jumps by more than 1.
      const jump = nearKink(z, activation, off) ? 1 : 0;
      const own = jump + slopeError(z, activation, off);
      return [slopeOf(z, activation), Number.isFinite(z) ? own : Infinity];
    });
  }

  reshaped(shape: readonly number[]): Tracked {
    return new Tracked(shape, this.values, this.off);
  }

  /** The last two axes swapped. */
  transposed(): Tracked {
    const [rows, columns] = this.shape.slice(-2);
    const result = new Tracked([...this.shape.slice(0, -2), columns, rows]);
    for (let i = 0; i < this.values.length; i++) {
      const matrix = i - i % (rows * columns);
      const to = matrix + i % columns * rows + Math.floor(i % (rows * columns) / columns);
      result.values[to] = this.values[i];
      result.off[to] = this.off[i];
    }
    return result;
  }

  /** Repeated to a shape that this one broadcasts to. */
  repeated(shape: readonly number[]): Tracked {
    const from = Array.from(
      { length: product(shape) },
      (_, i) => broadcastIndex(coordinatesOf(i, shape), this.shape),
    );
    const taken = (of: Float64Array) => Float64Array.from(from, (at) => of[at]);
    return new Tracked(shape, taken(this.values), taken(this.off));
  }

  /** Summed over what a shape repeats. */
  unrepeated(shape: readonly number[]): Tracked {
    const missing = this.shape.length - shape.length;
    const axes = this.shape.map((_, axis) => axis).filter((axis) => {
      return this.shape[axis] !== 1 && (shape[axis - missing] ?? 1) === 1;
    });
    return axes.length === 0 ? this.reshaped(shape) : this.sum(axes).reshaped(shape);
  }

  /** n terms round n times at most, and each time by a rounding of what has been summed. */
  sum(axes: readonly number[]): Tracked {
    return this.#pooled(axes, (at) => this.#sumOf(at));
  }

  /** The library takes it as one of the elements and the mean distance from that. */
  mean(axes: readonly number[] = this.shape.map((_, axis) => axis)): Tracked {
    return this.#pooled(axes, (at) => {
      const all = at.map((i) => this.values[i]);
      const value = all.reduce((sum, x) => sum + x / at.length, 0);
      const spread = Math.max(...all) - Math.min(...all);
      const most = Math.max(...all.map(Math.abs));
      const own = U * ((at.length + 8) * spread + 4 * Math.abs(value) + 2 * most);
      const given = 2 * Math.max(...at.map((i) => this.off[i]));
      // Distances, or their sum, may have overflowed.
      const isWithin = Number.isFinite(value) && Number.isFinite(Math.fround(at.length * spread));
      return [value, isWithin ? given + own : Infinity];
    });
  }

  times(
    b: Tracked,
    { transposeA = false, transposeB = false }: {
      readonly transposeA?: boolean;
      readonly transposeB?: boolean;
    },
  ): Tracked {
    const columnsA = this.shape.at(-1)!;
    const columnsB = b.shape.at(-1)!;
    const rowsA = this.values.length / columnsA;
    const rowsB = b.values.length / columnsB;
    const rows = transposeA ? columnsA : rowsA;
    const inner = transposeA ? rowsA : columnsA;
    const columns = transposeB ? rowsB : columnsB;
    const result = new Tracked([...(transposeA ? [rows] : this.shape.slice(0, -1)), columns]);
    const all = Array.from({ length: inner }, (_, k) => k);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const terms = new Tracked([inner]);
        for (let k = 0; k < inner; k++) {
          const p = transposeA ? k * columnsA + i : i * columnsA + k;
          const q = transposeB ? j * columnsB + k : k * columnsB + j;
          terms.#set(k, ...combined("mul", this.values[p], this.off[p], b.values[q], b.off[q]));
        }
        result.#set(i * columns + j, ...terms.#sumOf(all));
      }
    }
    return result;
  }

  /** The sum of some elements, and what it may be off by. */
  #sumOf(at: readonly number[]): readonly [value: number, off: number] {
    let value = 0;
    let size = 0;
    let given = 0;
    for (const i of at) {
      value += this.values[i];
      if (Number.isFinite(this.values[i])) size += Math.abs(this.values[i]);
      given += this.off[i];
    }
    // A sum on the way may have overflowed.
    if (!Number.isFinite(Math.fround(size + given))) return [value, Infinity];
    return [value, Number.isFinite(value) ? given + U * (at.length + 1) * size : 0];
  }

  /** One number, with its error, of the elements of each set. */
  #pooled(
    axes: readonly number[],
    of: (at: readonly number[]) => readonly [value: number, off: number],
  ): Tracked {
    const kept = this.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const result = new Tracked(kept.map((axis) => this.shape[axis]));
    const sets = Array.from(result.values, (): number[] => []);
    for (let i = 0; i < this.values.length; i++) {
      const at = coordinatesOf(i, this.shape);
      sets[broadcastIndex(kept.map((axis) => at[axis]), result.shape)].push(i);
    }
    sets.forEach((set, i) => result.#set(i, ...of(set)));
    return result;
  }

  #like(of: (x: number, off: number) => readonly [value: number, off: number]): Tracked {
    const result = new Tracked(this.shape);
    for (let i = 0; i < this.values.length; i++) {
      result.#set(i, ...of(this.values[i], this.off[i]));
    }
    return result;
  }

  #set(at: number, value: number, off: number): void {
    this.values[at] = value;
    this.off[at] = settled(value, off);
  }
}

/** The result of an operator, and what it may be off by. */
function combined(
  op: Operator,
  x: number,
  offX: number,
  y: number,
  offY: number,
): readonly [value: number, off: number] {
  const value = op === "add" ? x + y : op === "sub" ? x - y : op === "mul" ? x * y : x / y;
  const rounded = 2 * U * Math.abs(value);
  if (op === "add" || op === "sub") {
    const off = offX + offY;
    return [value, Number.isFinite(value) ? off + rounded : Number.isFinite(off) ? 0 : Infinity];
  }
  if (!Number.isFinite(value)) return [value, isSure(x, offX) && isSure(y, offY) ? 0 : Infinity];
  if (op === "mul") return [value, Math.abs(x) * offY + Math.abs(y) * offX + offX * offY + rounded];
  const least = Math.abs(y) - offY;
  return [value, least > 0 ? (offX + Math.abs(value) * offY) / least + rounded : Infinity];
}
