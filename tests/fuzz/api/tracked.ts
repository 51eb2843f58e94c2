/**
 * Tensors in float64 that know how far a float32 computation of them may be off: every operation
 * passes on the errors of its arguments to first order and adds its own roundings.
 *
 * @module
 */
import type { Activation, Tensor } from "../../../mod.ts";
import { broadcastIndex, coordinatesOf } from "../../oracle/array.ts";
import { activated, activationError } from "./activation.ts";
import { product } from "./inputs.ts";
import { type Expected, U } from "./trial.ts";

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

  /** a + b, a - b or a * b, each repeated along its axes of one element. */
  with(b: Tracked, op: "add" | "sub" | "mul"): Tracked {
    const rank = Math.max(this.shape.length, b.shape.length);
    const extent = ({ shape }: Tracked, axis: number) => shape[axis - rank + shape.length] ?? 1;
    const shape = Array.from({ length: rank }, (_, axis) => {
      const own = extent(this, axis);
      return own === 1 ? extent(b, axis) : own;
    });
    const result = new Tracked(shape);
    for (let i = 0; i < result.values.length; i++) {
      const at = coordinatesOf(i, shape);
      const p = broadcastIndex(at, this.shape);
      const q = broadcastIndex(at, b.shape);
      const x = this.values[p];
      const y = b.values[q];
      const value = op === "mul" ? x * y : op === "add" ? x + y : x - y;
      const passed = op === "mul"
        ? Math.abs(x) * b.off[q] + Math.abs(y) * this.off[p] + this.off[p] * b.off[q]
        : this.off[p] + b.off[q];
      result.values[i] = value;
      result.off[i] = passed + 2 * U * Math.abs(value);
    }
    return result;
  }

  scaled(factor: number): Tracked {
    const values = this.values.map((value) => value * factor);
    return this.#like(values, (i) => Math.abs(factor) * this.off[i] + 2 * U * Math.abs(values[i]));
  }

  activated(activation: Activation): Tracked {
    const values = this.values.map((value) => activated(value, activation));
    // 1 z + 0 is what the kernel makes of z first.
    return this.#like(
      values,
      (i) => activationError(this.values[i], activation, this.off[i] + 2 * U * Math.abs(values[i])),
    );
  }

  reshaped(shape: readonly number[]): Tracked {
    return new Tracked(shape, this.values, this.off);
  }

  /** n terms round n times at most, and each time by a rounding of what has been summed. */
  sum(axes: readonly number[]): Tracked {
    const kept = this.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const result = new Tracked(kept.map((axis) => this.shape[axis]));
    const sizes = new Float64Array(result.values.length);
    for (let i = 0; i < this.values.length; i++) {
      const at = coordinatesOf(i, this.shape);
      const to = broadcastIndex(kept.map((axis) => at[axis]), result.shape);
      result.values[to] += this.values[i];
      result.off[to] += this.off[i];
      sizes[to] += Math.abs(this.values[i]);
    }
    const terms = this.values.length / result.values.length;
    sizes.forEach((size, to) => result.off[to] += U * (terms + 1) * size);
    return result;
  }

  /** The library takes it as the first element and the mean distance from that. */
  mean(): Tracked {
    const n = this.values.length;
    let mean = 0;
    let off = 0;
    let far = 0;
    for (let i = 0; i < n; i++) {
      mean += this.values[i] / n;
      off = Math.max(off, this.off[i]);
      far += Math.abs(this.values[i] - this.values[0]) / n;
    }
    const own = U * ((n + 4) * far + 4 * Math.abs(mean) + 2 * Math.abs(this.values[0]));
    return new Tracked([], Float64Array.of(mean), Float64Array.of(2 * off + own));
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
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const to = i * columns + j;
        let size = 0;
        for (let k = 0; k < inner; k++) {
          const p = transposeA ? k * columnsA + i : i * columnsA + k;
          const q = transposeB ? j * columnsB + k : k * columnsB + j;
          const term = this.values[p] * b.values[q];
          result.values[to] += term;
          size += Math.abs(term);
          result.off[to] += Math.abs(this.values[p]) * b.off[q] +
            Math.abs(b.values[q]) * this.off[p] + this.off[p] * b.off[q];
        }
        result.off[to] += U * (inner + 2) * size;
      }
    }
    return result;
  }

  #like(values: Float64Array, off: (i: number) => number): Tracked {
    return new Tracked(this.shape, values, Float64Array.from(values, (_, i) => off(i)));
  }
}
