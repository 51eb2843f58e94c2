/** What optimizers do to every number of the parameters. */
import type { Cell, Vector } from "./_coordinates.ts";

/** A gradient with what is left of the earlier ones: momentum velocity + grad. */
export function accelerate(
  this: Cell<never>,
  velocity: Vector,
  grad: Vector,
  momentum: number,
): number {
  return momentum * velocity[this.cell.c] + grad[this.cell.c];
}

/** As {@linkcode accelerate}, with only a share of the gradient after the first step. */
export function accelerateDamped(
  this: Cell<never>,
  velocity: Vector,
  grad: Vector,
  taken: Vector,
  momentum: number,
  share: number,
): number {
  const part = taken[0] < 1.5 ? 1 : share;
  return momentum * velocity[this.cell.c] + part * grad[this.cell.c];
}

/** A step down: param - rate direction. */
export function descend(
  this: Cell<never>,
  param: Vector,
  direction: Vector,
  rate: number,
): number {
  return param[this.cell.c] - rate * direction[this.cell.c];
}

/** One step of the moving average of grad^2, with rate = 1 - beta2. */
export function movingSquare(
  this: Cell<never>,
  moving: Vector,
  grad: Vector,
  rate: number,
): number {
  const square = grad[this.cell.c] * grad[this.cell.c];
  const difference = moving[this.cell.c] - square;
  return rate > 0.5 ? square + difference * (1 - rate) : moving[this.cell.c] - difference * rate;
}

/** Adam's step: moments over the weights that they have collected, and the decay of weights. */
export function adamStep(
  this: Cell<never>,
  param: Vector,
  first: Vector,
  second: Vector,
  firstWeight: Vector,
  secondWeight: Vector,
  rate: number,
  epsilon: number,
  decay: number,
): number {
  const deviation = Math.sqrt(second[this.cell.c] / secondWeight[0]) + epsilon;
  return param[this.cell.c] - decay * param[this.cell.c] -
    rate * (first[this.cell.c] / firstWeight[0]) / deviation;
}
