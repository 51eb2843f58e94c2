/**
 * ONNX Runtime, on WebAssembly with one thread and native with one and two.
 *
 * @module
 */
import type { Absent, Contender } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import type { Workload } from "../workloads.ts";
import { type Form, formsOf } from "./onnx_graphs.ts";

/** The version that was measured, which tests/onnx/onnx_runtime.ts names too. */
const VERSION = "1.30.0";
const NODE = `npm:onnxruntime-node@${VERSION}`;
const WEB = `npm:onnxruntime-web@${VERSION}/wasm`;

/** The part of ONNX Runtime that is used. */
interface Ort {
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
  readonly env: { wasm: { numThreads?: number }; logLevel?: string };
}

interface Session {
  run(feeds: Record<string, unknown>): Promise<{ readonly y: { readonly data: Float32Array } }>;
  release(): Promise<void>;
}

/** One way to run it. */
interface Way {
  readonly name: string;
  readonly module: string;
  readonly provider: "cpu" | "wasm";
  readonly threads: number;
}

/** Those with two threads come last: their threads spin for a while after a run. */
const WAYS: readonly Way[] = [
  { name: `onnxruntime-web ${VERSION}`, module: WEB, provider: "wasm", threads: 1 },
  { name: `onnxruntime-node ${VERSION}`, module: NODE, provider: "cpu", threads: 1 },
  { name: `onnxruntime-node ${VERSION}, 2 threads`, module: NODE, provider: "cpu", threads: 2 },
];

/** ONNX Runtime in its ways. */
export async function onnx(workload: Workload, inputs: Inputs): Promise<(Contender | Absent)[]> {
  if (workload.backward) {
    return WAYS.map(({ name }) => ({ name, absent: "it does not train" }));
  }
  const forms = formsOf(workload, inputs);
  const contenders: (Contender | Absent)[] = [];
  for (const way of WAYS) {
    for (const form of forms) {
      const name = form.form === "" ? way.name : `${way.name}: ${form.form}`;
      contenders.push(await session({ ...way, name }, form, inputs, workload.first));
    }
  }
  return contenders;
}

async function session(
  { name, module, provider, threads }: Way,
  { model, shape }: Form,
  { x }: Inputs,
  first = false,
): Promise<Contender | Absent> {
  try {
    const loaded = await import(module) as Ort & { default?: Ort };
    const ort = loaded.InferenceSession === undefined ? loaded.default! : loaded;
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1;
    const open = () =>
      ort.InferenceSession.create(model, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
    const session = await open();
    const runIn = async (session: Session) => {
      const { y } = await session.run({ x: new ort.Tensor("float32", x, shape) });
      return y.data;
    };
    return {
      name,
      peer: true,
      executor: `${provider === "cpu" ? "native" : "wasm"}, ${threads} thread${
        threads > 1 ? "s" : ""
      }`,
      async run() {
        if (!first) return await runIn(session);
        const own = await open();
        const y = await runIn(own);
        await own.release();
        return y;
      },
      dispose: () => session.release(),
    };
  } catch (error) {
    return { name, absent: (error as Error).message };
  }
}
