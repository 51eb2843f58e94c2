/**
 * jax-js on WebAssembly, with each workload compiled by its `jit`: on the calling thread, and on as many
 * threads as it takes by default. It takes and returns plain arrays, as the others do;
 * parameters are kept as its arrays.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import type { Workload } from "../workloads.ts";
import { jaxFormOf, jaxParams } from "./jax_graphs.ts";
import { JAX, type Jax, type JaxArray, loadJax } from "./jax_library.ts";

/** One way to read a result: that is when it is computed, and decides on which threads. */
interface Way {
  readonly name: string;
  readonly executor: string;
  readonly read: (array: JaxArray) => Promise<Float32Array> | Float32Array;
}

/** What is read synchronously is computed on the calling thread; what is awaited, by its workers. */
const WAYS: readonly Way[] = [
  { name: JAX, executor: "wasm, 1 thread", read: (array) => array.dataSync() },
  {
    name: `${JAX}, default threads`,
    executor: `wasm, ${navigator.hardwareConcurrency} threads`,
    read: (array) => array.data(),
  },
];

/** Deno's own: ONNX Runtime Web replaces it with Node's when it starts. */
const WORKER = globalThis.Worker;

let loaded: Promise<Jax> | undefined;

/** jax-js in its ways, if it can do the workload. */
export async function jax(workload: Workload, inputs: Inputs): Promise<(Contender | Absent)[]> {
  if (workload.first) {
    return WAYS.map(({ name }) => ({ name, absent: "it cannot be started afresh" }));
  }
  try {
    const jax = await (loaded ??= load());
    return await Promise.all(WAYS.map((way) => contender(jax, way, workload, inputs)));
  } catch (error) {
    return WAYS.map(({ name }) => ({ name, absent: (error as Error).message }));
  }
}

async function contender(
  jax: Jax,
  { name, executor, read }: Way,
  workload: Workload,
  inputs: Inputs,
): Promise<Contender> {
  const form = jaxFormOf(jax, workload, inputs);
  const params = await jaxParams(jax, form);
  const compiled = jax.jit(form.run);
  const put = (numbers: Float32Array) => jax.numpy.array(numbers).reshape(form.view);
  return {
    name,
    peer: true,
    executor,
    async run() {
      const both = workload.backward ? [put(inputs.dy)] : [];
      const results = compiled(put(inputs.x), ...params.map((array) => array.ref), ...both);
      const answers = [];
      // Reading one disposes of it.
      for (const result of results) answers.push(await read(result));
      return answers.length === 1 ? answers[0] : answers;
    },
    dispose() {
      compiled.dispose();
      for (const array of params) array.dispose();
    },
  };
}

async function load(): Promise<Jax> {
  const jax = await loadJax("wasm");
  // It starts its workers when it first needs one.
  const replaced = globalThis.Worker;
  globalThis.Worker = WORKER;
  try {
    const once = jax.jit((x) => [x.add(1)]);
    await once(jax.numpy.array(new Float32Array(4096)))[0].data();
    once.dispose();
  } finally {
    globalThis.Worker = replaced;
  }
  return jax;
}
