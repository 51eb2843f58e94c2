/**
 * TensorFlow.js on WebGPU, as far as the tests use it.
 *
 * @module
 */
const VERSION = "4.22.0";
const CORE = `npm:@tensorflow/tfjs-core@${VERSION}`;
const WEBGPU = `npm:@tensorflow/tfjs-backend-webgpu@${VERSION}`;

/** One of its tensors. */
export interface TfTensor {
  readonly shape: readonly number[];
  data(): Promise<Float32Array>;
  /** A copy on the GPU, and the tensor that it ends with. */
  dataToGPU(): { readonly tensorRef: TfTensor; readonly buffer: GPUBuffer };
  dispose(): void;
}

/** The part of the library that is used. */
export interface Tf {
  tensor(
    values: Float32Array | { readonly buffer: GPUBuffer; readonly zeroCopy?: boolean },
    shape: readonly number[],
    dtype?: "float32",
  ): TfTensor;
  conv2d(x: TfTensor, kernel: TfTensor, strides: number, padding: "same"): TfTensor;
  relu(x: TfTensor): TfTensor;
  dispose(tensors: readonly TfTensor[]): void;
  memory(): { readonly numTensors: number };
  env(): { set(flag: string, value: number): void; getNumber(flag: string): number };
  registerBackend(name: string, make: () => WebGpuBackend, priority: number): boolean;
  removeBackend(name: string): void;
  setBackend(name: string): Promise<boolean>;
  backend(): WebGpuBackend;
}

interface WebGpuBackend {
  readonly device: GPUDevice;
}

/** The library, and the class of its backend, of which it has registered an instance of its own. */
export async function loadTensorFlow() {
  const tf: Tf = await import(CORE);
  const { WebGPUBackend }: {
    WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => WebGpuBackend;
  } = await import(WEBGPU);
  return { tf, WebGPUBackend };
}
