/**
 * jax-js, as far as it is used: the one version that was measured, which the benches alone need.
 *
 * @module
 */
const VERSION = "0.1.25";
const MODULE = `npm:@jax-js/jax@${VERSION}`;

/** Its name in tables. */
export const JAX = `jax-js ${VERSION}`;

/** An array of jax-js. */
export interface JaxArray {
  readonly ref: JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray): JaxArray;
  div(other: JaxArray): JaxArray;
  blockUntilReady(): Promise<JaxArray>;
  data(): Promise<Float32Array>;
  /** Computes on the calling thread, and reads. */
  dataSync(): Float32Array;
  dispose(): void;
}

/** A function of arrays. */
export type Graph = (...args: JaxArray[]) => JaxArray[];

/** A function of x and of what is per channel. */
export type Op = (x: JaxArray, ...params: JaxArray[]) => JaxArray;

/** The part of jax-js that is used. */
export interface Jax {
  init(...devices: string[]): Promise<string[]>;
  defaultDevice(device: string): void;
  getWebGPUDevice(): GPUDevice;
  blockUntilReady(arrays: readonly JaxArray[]): Promise<unknown>;
  jit(graph: Graph): Graph & { dispose(): void };
  vjp(
    op: Op,
    primals: readonly JaxArray[],
  ): [JaxArray, ((dy: JaxArray) => JaxArray[]) & { dispose(): void }];
  readonly numpy: {
    array(data: Float32Array): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    einsum(subscripts: string, ...operands: JaxArray[]): JaxArray;
    mean(a: JaxArray, axes: readonly number[], options: { keepdims: true }): JaxArray;
    reciprocal(a: JaxArray): JaxArray;
    sqrt(a: JaxArray): JaxArray;
    square(a: JaxArray): JaxArray;
  };
}

/**
 * Loads it on one of its devices.
 *
 * @throws {Error} If it finds no such device.
 */
export async function loadJax(device: "wasm" | "webgpu"): Promise<Jax> {
  const jax = await import(MODULE) as Jax;
  if (!(await jax.init(device)).includes(device)) throw new Error(`it finds no ${device}`);
  jax.defaultDevice(device);
  return jax;
}
