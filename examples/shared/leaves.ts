/**
 * Pictures with the statistics of photographs: dead leaves, discs of all sizes that hide each other,
 * each with a texture of its own strength.
 *
 * @module
 */
import type { Picture } from "./image.ts";
import { openRandom, type Random } from "./random.ts";

/** Radii of the discs, in points. */
const SMALLEST = 2;
const LARGEST = 60;
/** Many more discs than it takes to cover every point. */
const DISCS = 6000;

/**
 * A picture of `size` x `size` points. The number of discs falls with the cube of their radius, which
 * makes the spectrum that of photographs; grey levels are uniform, and the strength of the textures is
 * log-normal.
 *
 * Source: Lee, Mumford and Huang, "Occlusion Models for Natural Images", 2001.
 */
export function leaves(size: number, seed: number): Picture {
  const random = openRandom(seed);
  const data = new Float32Array(size * size);
  for (let disc = 0; disc < DISCS; disc++) paintDisc(data, size, random);
  return { width: size, height: size, data: softened(data, size) };
}

/** Paints one disc over what is there. */
function paintDisc(data: Float32Array, size: number, random: Random): void {
  // The inverse of the distribution of radii, whose density falls as r^-3.
  const a = SMALLEST ** -2;
  const b = LARGEST ** -2;
  const radius = (a - random.uniform() * (a - b)) ** -0.5;
  const [cx, cy] = [random.uniform(), random.uniform()].map((u) =>
    u * (size + 2 * radius) - radius
  );
  const grey = 0.1 + 0.8 * random.uniform();
  const texture = 0.02 * Math.exp(0.9 * random.normal());
  for (let y = Math.max(0, Math.ceil(cy - radius)); y <= Math.min(size - 1, cy + radius); y++) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (y - cy) ** 2));
    for (let x = Math.max(0, Math.ceil(cx - half)); x <= Math.min(size - 1, cx + half); x++) {
      data[y * size + x] = grey + texture * random.normal();
    }
  }
}

/** A lens: every point mixed with its neighbours, and kept from 0 to 1. */
function softened(data: Float32Array, size: number): Float32Array {
  const at = (x: number, y: number) =>
    data[Math.min(size - 1, Math.max(0, y)) * size + Math.min(size - 1, Math.max(0, x))];
  return data.map((value, i) => {
    const x = i % size;
    const y = Math.floor(i / size);
    const cross = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
    return Math.min(1, Math.max(0, 0.6 * value + 0.1 * cross));
  });
}
