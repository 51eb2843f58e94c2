/**
 * What the executors use of the host: threads, WebGPU and WebGL2. The interfaces are structural,
 * so the sources type-check with whichever library the program has: that of a page, of a worker or
 * of Deno, which know these by different names or not at all.
 *
 * @module
 */
import type { Canvas } from "./webgl2.ts";
import type { WebGpu } from "./webgpu.ts";

/** The globals of the host that may be there. */
export interface Host {
  readonly navigator?: {
    readonly gpu?: WebGpu;
    readonly locks?: WebLocks;
    readonly hardwareConcurrency?: number;
  };
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
  readonly document?: { createElement(name: "canvas"): Canvas };
  readonly Worker?: new (url: string, options?: { readonly name?: string }) => WebWorker;
  readonly Deno?: object;
  readonly process?: { getBuiltinModule?(name: "node:worker_threads"): NodeThreads | undefined };
}

/** The host that this module runs in. */
export const host: Host = globalThis as unknown as Host;

/** `navigator.locks`. */
export interface WebLocks {
  /** Calls back once the lock of that name is free. */
  request(name: string, granted: () => void): Promise<unknown>;
}

/** A thread of a page. */
export interface WebWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message: string; preventDefault(): void }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** The part of node:worker_threads that is used. */
export interface NodeThreads {
  readonly Worker: new (source: string, options: { readonly eval: true }) => NodeWorker;
}

/** A thread of Node, Deno or Bun. */
export interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: "message" | "error" | "exit", listener: (value: unknown) => void): void;
  ref(): void;
  unref(): void;
  /** Resolves when it has ended. */
  terminate(): Promise<unknown>;
}
