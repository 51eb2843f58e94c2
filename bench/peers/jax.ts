/**
 * jax-js on WebAssembly, with each workload compiled by its `jit`: on the calling thread, and on as many
 * threads as it takes by default. It is given plain arrays and answers with them, as the others do;
 * parameters are kept as its arrays.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import type { Workload } from "../workloads.ts";
import { type Jax, type JaxArray, jaxFormOf, jaxParams } from "./jax_graphs.ts";

/** Versions that were measured; the benches alone need them. */
const VERSION = "0.1.25";
const MODULE = `npm:@jax-js/jax@${VERSION}`;
const NAME = `jax-js ${VERSION}`;

/** One way to read a result, which is when it is computed, and on what. */
interface Way {
  readonly name: string;
  readonly executor: string;
  readonly read: (array: JaxArray) => Promise<Float32Array> | Float32Array;
}

/** Whatever is read at once is computed on the calling thread; whatever is awaited, by its workers. */
const WAYS: readonly Way[] = [
  { name: NAME, executor: "wasm, 1 thread", read: (array) => array.dataSync() },
  {
    name: `${NAME}, default threads`,
    executor: `wasm, ${navigator.hardwareConcurrency} threads`,
    read: (array) => array.data(),
  },
];

/** The system's own, for which ONNX Runtime Web puts that of Node when it starts. */
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
  const jax = await import(MODULE) as Jax;
  if (!(await jax.init("wasm")).includes("wasm")) throw new Error("it finds no WebAssembly");
  jax.defaultDevice("wasm");
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
