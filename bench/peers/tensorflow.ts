/**
 * TensorFlow.js on its WebAssembly backend, one thread with SIMD. It takes plain arrays and answers
 * with them, as the others do; parameters are kept as its tensors.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import type { Workload } from "../workloads.ts";
import { type Tf, type TfForm, tfForms } from "./tensorflow_graphs.ts";

/** Versions that were measured; the benches alone need them. */
const VERSION = "4.22.0";
/** With the gradients, which the core alone does not register. */
const CORE = `npm:@tensorflow/tfjs@${VERSION}`;
const WASM = `npm:@tensorflow/tfjs-backend-wasm@${VERSION}`;
const NAME = `tfjs-wasm ${VERSION}`;

let loaded: Promise<Tf> | undefined;

/** TensorFlow.js, if it can do the workload. */
export async function tensorflow(
  workload: Workload,
  inputs: Inputs,
): Promise<(Contender | Absent)[]> {
  if (workload.first) return [{ name: NAME, absent: "it cannot be started afresh" }];
  try {
    loaded ??= load();
    const tf = await loaded;
    return tfForms(tf, workload, inputs).map((form) => contender(tf, form, inputs));
  } catch (error) {
    return [{ name: NAME, absent: (error as Error).message }];
  }
}

function contender(
  tf: Tf,
  { form, view, run, kept, back }: TfForm,
  inputs: Inputs,
): Contender {
  return {
    name: form === "" ? NAME : `${NAME}: ${form}`,
    peer: true,
    executor: `${tf.getBackend()}, 1 thread`,
    run() {
      const x = tf.tensor(inputs.x, view);
      if (back !== undefined) {
        const dy = tf.tensor(inputs.dy, view);
        // The parameters are those that the form has closed over.
        const { value, grads } = tf.valueAndGrads((x) => run(x))([x, ...back.params], dy);
        const all = [value, ...grads];
        const answers = all.map((tensor) => tensor.dataSync());
        for (const tensor of [x, dy, ...all]) tensor.dispose();
        return [...answers.slice(0, -1), back.inOrder(answers.at(-1)!)];
      }
      const y = tf.tidy(() => run(x));
      const data = y.dataSync();
      x.dispose();
      y.dispose();
      return data;
    },
    dispose() {
      // Forms of one workload share their parameters; disposing twice is nothing.
      for (const tensor of kept) tensor.dispose();
    },
  };
}

async function load(): Promise<Tf> {
  const tf = await import(CORE) as Tf;
  const backend = await import(WASM) as { setThreadsCount(count: number): void };
  backend.setThreadsCount(1);
  if (!await tf.setBackend("wasm")) throw new Error("its WebAssembly backend does not start");
  return tf;
}
