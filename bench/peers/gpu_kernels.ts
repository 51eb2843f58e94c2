/**
 * Kernels for gpu.js, which takes the text of these functions. Loops end at constants: gpu.js stops
 * others after 1000 turns. Sums are plain, as one would write them.
 *
 * @module
 */

/** Constants of a kernel. A set is what shares a mean. */
export type Sizes = Readonly<Record<string, number>>;

interface KernelThis {
  readonly thread: { readonly x: number };
  readonly constants: Sizes;
}

/** y of one element; matrix[j][i] goes from channel j to channel i. */
export function gdn(
  this: KernelThis,
  x: Float32Array,
  matrix: Float32Array,
  beta: Float32Array,
): number {
  const i = Math.floor(this.thread.x / this.constants.channelStep) % this.constants.channels;
  const start = this.thread.x - i * this.constants.channelStep;
  let sum = beta[i];
  for (let j = 0; j < this.constants.channels; j++) {
    const v = x[start + j * this.constants.channelStep];
    sum += matrix[j * this.constants.channels + i] * v * v;
  }
  let root = Math.sqrt(sum);
  if (this.constants.inverse < 1) {
    root = 1 / root;
  }
  return x[this.thread.x] * root;
}

/** The mean of one set. */
export function meanOf(this: KernelThis, x: Float32Array): number {
  const sample = Math.floor(this.thread.x / this.constants.groups);
  const group = this.thread.x - sample * this.constants.groups;
  const start = sample * this.constants.sampleStep + group * this.constants.setStep;
  let sum = 0;
  for (let a = 0; a < this.constants.outer; a++) {
    for (let b = 0; b < this.constants.inner; b++) {
      sum += x[start + a * this.constants.outerStep + b * this.constants.innerStep];
    }
  }
  return sum / (this.constants.outer * this.constants.inner);
}

/** The variance of one set. */
export function squaresOf(this: KernelThis, x: Float32Array, mean: Float32Array): number {
  const sample = Math.floor(this.thread.x / this.constants.groups);
  const group = this.thread.x - sample * this.constants.groups;
  const start = sample * this.constants.sampleStep + group * this.constants.setStep;
  let sum = 0;
  for (let a = 0; a < this.constants.outer; a++) {
    for (let b = 0; b < this.constants.inner; b++) {
      const d = x[start + a * this.constants.outerStep + b * this.constants.innerStep] -
        mean[this.thread.x];
      sum += d * d;
    }
  }
  return sum / (this.constants.outer * this.constants.inner);
}

/** y of one element, by the mean and variance of its set. */
export function normalized(
  this: KernelThis,
  x: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
  gamma: Float32Array,
  beta: Float32Array,
  epsilon: number,
): number {
  const sample = Math.floor(this.thread.x / this.constants.sampleStep);
  const channel = Math.floor(this.thread.x / this.constants.channelStep) %
    this.constants.channels;
  const set = sample * this.constants.setsOfSample + Math.floor(channel / this.constants.members);
  return (x[this.thread.x] - mean[set]) / Math.sqrt(variance[set] + epsilon) * gamma[channel] +
    beta[channel];
}
