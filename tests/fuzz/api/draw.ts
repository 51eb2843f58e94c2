/**
 * Seeded choices, and the numbers that ops are tried on.
 *
 * @module
 */
import { random } from "../../support/random.ts";

/** A seed made of others: the same for the same ones, and unlike those of their neighbours. */
export function seedOf(...parts: readonly number[]): number {
  let seed = 0x9e3779b9;
  for (const part of parts) {
    seed = Math.imul(seed ^ part, 0x85ebca6b);
    seed = Math.imul(seed ^ (seed >>> 15), 0xc2b2ae35);
    seed ^= seed >>> 13;
  }
  return seed >>> 0;
}

/** Choices from a seed. */
export class Draw {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = random(seed);
  }

  /** An integer from `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)];
  }

  /** From `least` to `most`. */
  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** About normal: mean 0, deviation 1, nothing beyond 3.5. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3);
  }

  /** float32 numbers from `least` to `most`. */
  uniform(length: number, least: number, most: number): Float32Array {
    const numbers = new Float32Array(length);
    for (let i = 0; i < length; i++) numbers[i] = this.between(least, most);
    return numbers;
  }

  /** float32 numbers of one of the kinds below, drawn as well. */
  numbers(length: number, kinds: readonly Kind[] = KINDS): Float32Array {
    const numbers = new Float32Array(length);
    const fill = (value: () => number) => {
      for (let i = 0; i < length; i++) numbers[i] = value();
      return numbers;
    };
    switch (this.pick(kinds)) {
      case "unit":
        return fill(() => this.normal());
      case "offCentre": {
        const mean = this.pick([-1, 1]) * 10 ** this.between(1, 4);
        const deviation = 10 ** this.between(-2, 0);
        return fill(() => mean + deviation * this.normal());
      }
      case "wide": {
        const deviation = 10 ** this.between(-3, 3);
        return fill(() => deviation * this.normal());
      }
      case "integers":
        return fill(() => this.integer(-4, 4));
      case "constant": {
        const value = 10 ** this.between(-2, 2);
        return fill(() => value);
      }
      case "outliers": {
        fill(() => this.normal());
        for (let i = this.integer(1, 3); i > 0 && length > 0; i--) {
          // The first elements are where a shift is taken from.
          const at = this.chance(0.5) ? 0 : this.integer(0, length - 1);
          numbers[at] = this.pick([-1, 1]) * 10 ** this.between(2, 8);
        }
        return numbers;
      }
    }
  }
}

/** Kinds of numbers: around 0 and far from it, of any size, with many equal ones, and with a few far out. */
export type Kind = "unit" | "offCentre" | "wide" | "integers" | "constant" | "outliers";

/** The kinds that every op is tried on; `outliers` are added by `--hard`. */
export const KINDS: readonly Kind[] = ["unit", "unit", "offCentre", "wide", "integers", "constant"];
