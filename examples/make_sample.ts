/**
 * Writes examples/sample.png: smooth noise of many scales, a few shapes, and a light that falls off
 * from one corner to the other, so that the dark parts hold details that one cannot see.
 *
 *     deno run --allow-write=examples/sample.png examples/make_sample.ts
 *
 * @module
 */
import { encode } from "fast-png";

const SIZE = 192;

/** A number in [0, 1) for a point of a grid, the same at every run. */
function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263) + Math.imul(seed, 974634721);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Noise that is smooth between the points of a grid of the given step. */
function smoothNoise(x: number, y: number, step: number): number {
  const u = x / step;
  const v = y / step;
  const i = Math.floor(u);
  const j = Math.floor(v);
  const ease = (t: number) => t * t * (3 - 2 * t);
  const a = ease(u - i);
  const b = ease(v - j);
  const row = (k: number) => hash(i, k, step) * (1 - a) + hash(i + 1, k, step) * a;
  return row(j) * (1 - b) + row(j + 1) * b;
}

/** How much light a point reflects, from 0 to 1. */
function reflectance(x: number, y: number): number {
  const octaves = [64, 32, 16, 8, 4, 2];
  const weights = octaves.map((step) => step / 126);
  let value = octaves.reduce((sum, step, i) => sum + weights[i] * smoothNoise(x, y, step), 0);
  if (Math.hypot(x - 55, y - 60) < 28) value = 0.25 + 0.4 * value;
  if (Math.hypot(x - 140, y - 138) < 30) value = 0.8 - 0.3 * value;
  if (x > 110 && x < 165 && y > 30 && y < 75) value = (x + y) % 12 < 6 ? 0.2 : 0.85;
  if (x > 25 && x < 80 && y > 120 && y < 170) value = Math.floor(x / 5) % 2 ? 0.3 : 0.75;
  return value;
}

if (import.meta.main) {
  const data = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
    const x = i % SIZE;
    const y = Math.floor(i / SIZE);
    const light = 0.1 + 0.9 * Math.exp(-Math.hypot(x, y) / 110);
    return Math.min(255, Math.round(330 * reflectance(x, y) * light));
  });
  const png = encode({ width: SIZE, height: SIZE, data, channels: 1, depth: 8 });
  await Deno.writeFile("examples/sample.png", png);
}
