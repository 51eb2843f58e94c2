/**
 * Points of two spirals, of which a network has to tell the one from the other.
 *
 * @module
 */
import { type ReplicaGroup, type Tensor, tensor } from "../../mod.ts";
import { openRandom } from "../shared/random.ts";

/** Points, and which spiral each lies on: 0 or 1. */
export interface Batch {
  /** Shape (points, 2). */
  readonly x: Tensor;
  /** Shape (points, 1). */
  readonly target: Tensor;
}

/** One and a half turns. */
const TURNS = 1.5;
const NOISE = 0.03;

/** The points of a step, the same ones for one seed everywhere. */
export function batchOf(points: number, seed: number, step: number): Batch {
  const random = openRandom(7919 * seed + 104729 * (step + 1));
  const x = new Float32Array(2 * points);
  const target = new Float32Array(points);
  for (let i = 0; i < points; i++) {
    const arm = random.below(2);
    const along = Math.sqrt(random.uniform());
    const angle = 2 * Math.PI * (TURNS * along + arm / 2);
    x[2 * i] = along * Math.cos(angle) + NOISE * random.normal();
    x[2 * i + 1] = along * Math.sin(angle) + NOISE * random.normal();
    target[i] = arm;
  }
  return { x: tensor(x, [points, 2]), target: tensor(target, [points, 1]) };
}

/** The part of a batch that a replica takes; the parts are as long as each other, or one point longer. */
export function part({ x, target }: Batch, { rank, size }: ReplicaGroup): Batch {
  const points = target.data.length;
  const from = Math.floor(rank * points / size);
  const to = Math.floor((rank + 1) * points / size);
  return {
    x: tensor(x.data.slice(2 * from, 2 * to), [to - from, 2]),
    target: tensor(target.data.slice(from, to), [to - from, 1]),
  };
}
