/**
 * Textures of ten kinds, made up: what a classifier is trained on.
 *
 * @module
 */
import { tensor } from "../../mod.ts";
import type { Random } from "../shared/random.ts";
import type { Batch } from "./classifier.ts";

/** Kinds of textures. */
export const KINDS = 10;
/** Patches of a texture, side by side, and the points of one. */
const PATCHES = 16;
export const POINTS = 16;
const SIDE = 16;

/** Textures with their kinds: x is (count, patches, points). */
export interface Textures {
  readonly count: number;
  readonly x: Float32Array;
  readonly kinds: Uint8Array;
}

/**
 * Draws textures: gratings of five directions and two widths, anywhere, of any contrast, brightness and
 * with noise, cut into 4 x 4 patches.
 */
export function textures(count: number, random: Random): Textures {
  const x = new Float32Array(count * PATCHES * POINTS);
  const kinds = Uint8Array.from({ length: count }, () => random.below(KINDS));
  kinds.forEach((kind, i) => draw(x.subarray(i * PATCHES * POINTS), kind, random));
  return { count, x, kinds };
}

/** Some of the textures. */
export function batchOf({ x, kinds }: Textures, indices: readonly number[]): Batch {
  const size = PATCHES * POINTS;
  const data = new Float32Array(indices.length * size);
  const target = new Float32Array(indices.length * KINDS);
  indices.forEach((from, i) => {
    data.set(x.subarray(from * size, (from + 1) * size), i * size);
    target[i * KINDS + kinds[from]] = 1;
  });
  return {
    x: tensor(data, [indices.length, PATCHES, POINTS]),
    target: tensor(target, [indices.length, KINDS]),
  };
}

function draw(out: Float32Array, kind: number, random: Random): void {
  const angle = Math.PI * ((kind % 5) + 0.12 * random.normal()) / 5;
  const width = kind < 5 ? 3.2 : 6.4;
  const phase = 2 * Math.PI * random.uniform();
  const contrast = Math.exp(0.8 * random.normal());
  const light = 2 * random.normal();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)].map((v) => 2 * Math.PI * v / width);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const wave = Math.sin(cos * x + sin * y + phase);
      const patch = 4 * Math.floor(y / 4) + Math.floor(x / 4);
      const point = 4 * (y % 4) + x % 4;
      out[patch * POINTS + point] = light + contrast * (wave + 0.5 * random.normal());
    }
  }
}
