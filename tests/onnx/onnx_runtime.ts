/**
 * ONNX Runtime in both of its builds for JavaScript.
 *
 * @module
 */
import { it } from "@std/testing/bdd";
import type { Tensor } from "../../mod.ts";

/** The version that tests and benches share. */
export const VERSION = "1.30.0";

/** Tensors by the names of a graph's inputs or outputs. */
export type Named = Readonly<Record<string, Tensor>>;

/** One of the builds, or why it is not there. */
export interface Build {
  readonly name: string;
  readonly skip?: string;
  /** Opens a model, and runs it with each of the feeds. */
  run(model: Uint8Array, ...feeds: readonly Named[]): Promise<Named[]>;
}

/** The part of ONNX Runtime that is used. */
interface Ort {
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly env: { wasm: { numThreads?: number }; logLevel?: string };
}

interface OrtTensor {
  readonly data: Float32Array<ArrayBuffer>;
  readonly dims: readonly number[];
}

interface Session {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** The builds, each with its module and the provider that computes. */
export const builds: readonly Build[] = [
  await open(`onnxruntime-node ${VERSION}`, `npm:onnxruntime-node@${VERSION}`, "cpu"),
  await open(`onnxruntime-web ${VERSION}`, `npm:onnxruntime-web@${VERSION}/wasm`, "wasm"),
];

async function open(name: string, module: string, provider: string): Promise<Build> {
  let ort: Ort;
  try {
    const loaded = await import(module) as Ort & { readonly default?: Ort };
    ort = loaded.InferenceSession === undefined ? loaded.default! : loaded;
  } catch (error) {
    const skip = (error as Error).message.split("\n")[0];
    return { name, skip, run: () => Promise.reject(error) };
  }
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1;
  const options = {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  };
  return {
    name,
    async run(model, ...feeds) {
      const session = await ort.InferenceSession.create(model, options);
      try {
        const results: Named[] = [];
        for (const feed of feeds) {
          const given = Object.entries(feed).map(([key, { data, shape }]) => {
            return [key, new ort.Tensor("float32", data, shape)] as const;
          });
          const found = await session.run(Object.fromEntries(given));
          results.push(Object.fromEntries(
            Object.entries(found).map(([key, { data, dims }]) => {
              return [key, { shape: [...dims], data: data.slice() }];
            }),
          ));
        }
        return results;
      } finally {
        await session.release();
      }
    },
  };
}

/** One test for each build; those that are not there are skipped with the reason. */
export function itInEachBuild(what: string, test: (build: Build) => Promise<void>): void {
  for (const build of builds) {
    if (build.skip === undefined) it(`${what} in ${build.name}`, () => test(build));
    else it.skip(`${what} in ${build.name}: ${build.skip}`, () => {});
  }
}
