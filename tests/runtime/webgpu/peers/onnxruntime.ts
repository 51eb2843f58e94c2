/**
 * ONNX Runtime Web on WebGPU in a page, as far as the tests use it.
 *
 * @module
 */
const VERSION = "1.30.0";

/** Where the runner's server has it; it finds its WebAssembly beside it. */
const PATH = `/npm/onnxruntime-web@${VERSION}/dist/ort.webgpu.bundle.min.mjs`;

/** One of its tensors. */
export interface OrtTensor {
  readonly dims: readonly number[];
  readonly location: string;
  readonly gpuBuffer: GPUBuffer;
  getData(): Promise<Float32Array>;
  dispose(): void;
}

/** A model, of which the input is x and the output y. */
export interface Session {
  run(inputs: { readonly x: OrtTensor }): Promise<{ readonly y: OrtTensor }>;
  release(): Promise<void>;
}

/** The part of the library that is used. */
export interface Ort {
  readonly Tensor: {
    new (type: "float32", data: Float32Array, dims: readonly number[]): OrtTensor;
    fromGpuBuffer(
      buffer: GPUBuffer,
      options: { readonly dataType: "float32"; readonly dims: readonly number[] },
    ): OrtTensor;
  };
  readonly InferenceSession: {
    create(model: Uint8Array, options: {
      readonly executionProviders: readonly {
        readonly name: string;
        readonly device?: GPUDevice;
      }[];
      readonly preferredOutputLocation: "gpu-buffer";
    }): Promise<Session>;
  };
  readonly env: {
    readonly wasm: { numThreads?: number };
    readonly webgpu: { readonly device: Promise<GPUDevice> };
  };
}

/** The library, computing on the GPU alone. */
export async function loadOnnxRuntime(): Promise<Ort> {
  const ort: Ort = await import(new URL(PATH, globalThis.location.href).href);
  ort.env.wasm.numThreads = 1;
  return ort;
}
