/**
 * jax-js on WebGPU, with each workload compiled by its `jit`.
 *
 * @module
 */
import type { Absent, Answer } from "../../contender.ts";
import type { Inputs } from "../../inputs.ts";
import type { Workload } from "../../workloads.ts";
import { jaxFormOf, jaxParams } from "../../peers/jax_graphs.ts";
import { JAX, type Jax, type JaxArray, loadJax } from "../../peers/jax_library.ts";
import type { GpuContender } from "../contender.ts";
import { deviceName } from "../device.ts";
import { fenceOf } from "../fence.ts";

/** Calls that are under way at a time: each is waited for by itself, which the next hides. */
const UNDER_WAY = 8;

let loaded: Promise<Jax> | undefined;

/** jax-js, if it can do the workload. */
export async function jax(
  workload: Workload,
  inputs: Inputs,
): Promise<(GpuContender | Absent)[]> {
  try {
    return [await contender(await (loaded ??= loadJax("webgpu")), workload, inputs)];
  } catch (error) {
    return [{ name: JAX, absent: (error as Error).message }];
  }
}

async function contender(jax: Jax, workload: Workload, inputs: Inputs): Promise<GpuContender> {
  const form = jaxFormOf(jax, workload, inputs);
  const put = (numbers: Float32Array) =>
    jax.numpy.array(numbers).reshape(form.view).blockUntilReady();
  const kept = [
    await put(inputs.x),
    ...await jaxParams(jax, form),
    ...workload.backward ? [await put(inputs.dy)] : [],
  ];
  const compiled = jax.jit(form.run);
  const once = () => compiled(...kept.map((array) => array.ref));
  const device = jax.getWebGPUDevice();
  const fence = fenceOf(device);
  const pending: Promise<void>[] = [];
  return {
    name: JAX,
    peer: true,
    place: "stays",
    device: deviceName(device),
    async call() {
      // What nobody waits for is never run: it is lazy.
      const made = once();
      const done = jax.blockUntilReady(made).then(() => made.forEach((array) => array.dispose()));
      if (pending.push(done) > UNDER_WAY) await pending.shift();
    },
    async finish() {
      await Promise.all(pending.splice(0));
      await fence();
    },
    async answer(): Promise<Answer> {
      // Reading one disposes of it.
      return await Promise.all(once().map((array: JaxArray) => array.data()));
    },
    dispose() {
      compiled.dispose();
      for (const array of kept) array.dispose();
    },
  };
}
