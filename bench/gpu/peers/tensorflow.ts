/**
 * TensorFlow.js on its WebGPU backend, with its tensors on the device.
 *
 * @module
 */
import type { Absent, Answer } from "../../contender.ts";
import type { Inputs } from "../../inputs.ts";
import { type Tf, type TfForm, tfForms, type TfTensor } from "../../peers/tensorflow_graphs.ts";
import type { Workload } from "../../workloads.ts";
import type { GpuContender } from "../contender.ts";
import { deviceName } from "../device.ts";
import { fenceOf } from "../fence.ts";

const VERSION = "4.22.0";
/** With the gradients, which the core alone does not register. */
const CORE = `npm:@tensorflow/tfjs@${VERSION}`;
const WEBGPU = `npm:@tensorflow/tfjs-backend-webgpu@${VERSION}`;
const NAME = `tfjs-webgpu ${VERSION}`;

/** What is used beside the graphs. */
interface WebGpuTf extends Tf {
  backend(): WebGpuBackend;
}

interface WebGpuBackend {
  readonly device: GPUDevice;
  /** What is recorded and not handed over yet, if there is anything. */
  readonly commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  /** Hands that over; by itself it waits for more. */
  submitQueue(): void;
}

interface AsyncTensor extends TfTensor {
  data(): Promise<Float32Array>;
}

let loaded: Promise<WebGpuTf> | undefined;

/** TensorFlow.js, if it can do the workload. */
export async function tensorflow(
  workload: Workload,
  inputs: Inputs,
): Promise<(GpuContender | Absent)[]> {
  try {
    const tf = await (loaded ??= load());
    return tfForms(tf, workload, inputs).map((form) => contender(tf, form, inputs));
  } catch (error) {
    return [{ name: NAME, absent: (error as Error).message }];
  }
}

function contender(tf: WebGpuTf, form: TfForm, inputs: Inputs): GpuContender {
  const { view, kept, back } = form;
  const x = tf.tensor(inputs.x, view);
  const dy = back === undefined ? undefined : tf.tensor(inputs.dy, view);
  const run = (): TfTensor[] => {
    if (back === undefined) return [tf.tidy(() => form.run(x))];
    // The parameters are those that the form has closed over.
    const both = tf.valueAndGrads((x) => form.run(x));
    const { value, grads } = both([x, ...back.params], dy!);
    return [value, ...grads];
  };
  const fence = fenceOf(tf.backend().device);
  return {
    name: form.form === "" ? NAME : `${NAME}: ${form.form}`,
    peer: true,
    place: "stays",
    device: deviceName(tf.backend().device),
    call: () => run().forEach((tensor) => tensor.dispose()),
    async finish() {
      const backend = tf.backend();
      backend.endComputePassEncoder();
      if (backend.commandEncoder !== null) backend.submitQueue();
      await fence();
    },
    async answer(): Promise<Answer> {
      const made = run() as AsyncTensor[];
      const [y, ...grads] = await Promise.all(made.map((tensor) => tensor.data()));
      made.forEach((tensor) => tensor.dispose());
      return back === undefined ? y : [y, grads[0], grads[1], back.inOrder(grads[2])];
    },
    dispose() {
      // Forms of one workload share their parameters; disposing twice is nothing.
      for (const tensor of [x, ...dy === undefined ? [] : [dy], ...kept]) tensor.dispose();
    },
  };
}

async function load(): Promise<WebGpuTf> {
  const tf = await import(CORE) as WebGpuTf;
  await import(WEBGPU);
  if (!await tf.setBackend("webgpu")) throw new Error("its WebGPU backend does not start");
  return tf;
}
