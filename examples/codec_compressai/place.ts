/**
 * Where a codec computes: TensorFlow.js, and a runtime of kernorm beside it.
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- only who runs this example downloads them
import { setThreadsCount, setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import * as core from "npm:@tensorflow/tfjs-core@4.22.0";
import * as tfLayers from "npm:@tensorflow/tfjs-layers@4.22.0";
import { createRuntime, type Runtime } from "../../mod.ts";
import { type Layers, registerLayers } from "../tfjs_layers/register.ts";
import type { Tf } from "../tfjs_layers/tensorflow.ts";

const tf = { ...core, ...tfLayers } as unknown as Tf;

/** TensorFlow.js and kernorm. */
export interface Place extends AsyncDisposable {
  readonly tf: Tf;
  readonly runtime: Runtime;
  /** Layers on WebAssembly; none if both are on one device of WebGPU. */
  readonly layers: Layers | undefined;
}

/** Where to open a place. */
export interface PlaceOptions {
  /** `"auto"` is a graphics card with WebGPU, and WebAssembly where there is none. @default {"auto"} */
  readonly backend?: "auto" | "webgpu" | "wasm";
  /** Address of the folder with TensorFlow.js' WebAssembly; only pages need to say. */
  readonly folder?: string;
}

/** Opens TensorFlow.js and a runtime, on one device of WebGPU if there is a graphics card. */
export async function openPlace({ backend = "auto", folder }: PlaceOptions = {}): Promise<Place> {
  const isShared = backend === "webgpu" || backend === "auto" && await hasCard();
  const runtime = isShared ? await onDevice() : await onWasm(folder);
  const layers = isShared ? undefined : registerLayers(tf, runtime);
  return { tf, runtime, layers, [Symbol.asyncDispose]: () => runtime.dispose() };
}

/** Whether kernorm, left to itself, takes WebGPU: adapters in software do not count. */
async function hasCard(): Promise<boolean> {
  await using runtime = await createRuntime();
  return runtime.backend === "auto" || runtime.backend === "webgpu";
}

async function onDevice(): Promise<Runtime> {
  await import("npm:@tensorflow/tfjs-backend-webgpu@4.22.0");
  await start("webgpu");
  const { device } = tf.backend() as unknown as { readonly device: GPUDevice };
  return await createRuntime({ device });
}

async function onWasm(folder: string | undefined): Promise<Runtime> {
  setThreadsCount(1);
  // Threads would need a page that is isolated from other sites.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (folder !== undefined) setWasmPaths(folder);
  await start("wasm");
  return await createRuntime({ backend: "wasm" });
}

async function start(backend: string): Promise<void> {
  if (await tf.setBackend(backend)) return;
  throw new Error(`Cannot start TensorFlow.js: its backend ${backend} must be available here`);
}
