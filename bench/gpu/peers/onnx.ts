/**
 * ONNX Runtime's web build on WebGPU, with x and y in buffers of its device.
 *
 * @module
 */
import type { Absent } from "../../contender.ts";
import type { Inputs } from "../../inputs.ts";
import { type Form, formsOf } from "../../peers/onnx_graphs.ts";
import type { Workload } from "../../workloads.ts";
import type { GpuContender } from "../contender.ts";
import { deviceName } from "../device.ts";
import { fenceOf } from "../fence.ts";

const VERSION = "1.30.0";
const MODULE = `npm:onnxruntime-web@${VERSION}/webgpu`;
const NAME = `onnxruntime-webgpu ${VERSION}`;

/** The part of ONNX Runtime that is used. */
interface Ort {
  readonly Tensor: {
    fromGpuBuffer(
      buffer: GPUBuffer,
      options: { dataType: "float32"; dims: readonly number[] },
    ): OrtTensor;
  };
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly env: {
    readonly wasm: { numThreads?: number };
    readonly webgpu: { readonly device: Promise<GPUDevice> };
    logLevel?: string;
  };
}

interface OrtTensor {
  readonly location: string;
  getData(): Promise<Float32Array>;
  dispose(): void;
}

interface Session {
  run(feeds: { readonly x: OrtTensor }): Promise<{ readonly y: OrtTensor }>;
  release(): Promise<void>;
}

let loaded: Promise<Ort> | undefined;

/** ONNX Runtime, if it can do the workload. */
export async function onnx(
  workload: Workload,
  inputs: Inputs,
): Promise<(GpuContender | Absent)[]> {
  if (workload.backward) return [{ name: NAME, absent: "it does not train" }];
  const contenders: (GpuContender | Absent)[] = [];
  for (const form of formsOf(workload, inputs)) {
    const name = form.form === "" ? NAME : `${NAME}: ${form.form}`;
    try {
      contenders.push(await contender(await (loaded ??= load()), name, form, inputs));
    } catch (error) {
      contenders.push({ name, absent: messageOf(error) });
    }
  }
  return contenders;
}

async function contender(
  ort: Ort,
  name: string,
  { model, shape }: Form,
  { x }: Inputs,
): Promise<GpuContender> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
    logSeverityLevel: 3,
  });
  const device = await ort.env.webgpu.device;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: x.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, x as Float32Array<ArrayBuffer>);
  const given = ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: shape });
  return {
    name,
    peer: true,
    place: "stays",
    device: deviceName(device),
    async call() {
      const { y } = await session.run({ x: given });
      y.dispose();
    },
    finish: fenceOf(device),
    async answer() {
      const { y } = await session.run({ x: given });
      // Where an operator has no kernel for it, it computes on the processor without a word.
      if (y.location !== "gpu-buffer") throw new Error(`its result is in ${y.location}`);
      const numbers = await y.getData();
      y.dispose();
      return numbers.slice();
    },
    async dispose() {
      await session.release();
      buffer.destroy();
    },
  };
}

async function load(): Promise<Ort> {
  const module = await import(MODULE) as Ort & { readonly default?: Ort };
  const ort = module.InferenceSession === undefined ? module.default! : module;
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1;
  return ort;
}

/** Its errors may be numbers from WebAssembly. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : `error ${error}`;
}
