/**
 * Pipelines that are run in three ways: awaited, at once, and op by op.
 *
 * @module
 */
import {
  type AnyRuntime,
  createRuntime,
  eager,
  pipeline as traced,
  type PipelineOps,
  type PipelineOptions,
  type PipelineOutput,
  type Placed,
  type Runtime,
} from "../../mod.ts";
import { after } from "@std/testing/bdd";
import { copyOf, mapTensors } from "../../ops/plan/tree.ts";
import { skipOf } from "./backends.ts";
import { assertSameBits } from "./same_bits.ts";

/** Those that are there. */
const runtimes = new Map<string, Runtime>();
for (const backend of ["wasm", "cpu"] as const) {
  if (skipOf(backend) === undefined) runtimes.set(backend, await createRuntime({ backend }));
}
after(async () => {
  for (const runtime of runtimes.values()) await runtime.dispose();
});

/**
 * As the library's `pipeline`; on wasm and cpu each call is also made on a runtime of its own, by a
 * pipeline with `sync` and by the function with `eager` ops, and must have the same bits.
 */
export function pipeline<I, O extends PipelineOutput, R extends AnyRuntime = Runtime>(
  fn: (ops: PipelineOps, input: I) => O,
  options: PipelineOptions<R> = {},
): (input: Parameters<ReturnType<typeof traced<I, O, R>>>[0]) => Promise<Placed<O, R>> {
  const awaited = traced<I, O, R>(fn, options);
  const runtime = runtimes.get(options.runtime?.stats().backend ?? "none");
  if (runtime === undefined) return awaited;
  const sync = traced(fn, { runtime, sync: true });
  const ops = eager(runtime);
  return async (input) => {
    // First, as the call may consume its input.
    const others = [() => sync(input), () => fn(ops, input as I)].map(outcomeOf);
    const result = await awaited(input);
    for (const other of others) {
      if ("error" in other) throw other.error;
      assertSameBits(other.result, result);
    }
    return result;
  };
}

function outcomeOf(run: () => unknown): { readonly result: unknown } | { readonly error: unknown } {
  try {
    // What comes back as it went in may be consumed afterwards.
    return { result: mapTensors(run(), copyOf) };
  } catch (error) {
    return { error };
  }
}
