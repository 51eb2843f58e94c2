/**
 * What the executors use of the host: WebGPU, WebGL2 and web workers. The interfaces are structural,
 * so the sources type-check with whichever library the program has: that of a page, of a worker or
 * of Deno, which know these by different names or not at all.
 *
 * @module
 */

/** The globals of the host that may be there. */
export interface Host {
  readonly navigator?: { readonly gpu?: WebGpu; readonly locks?: WebLocks };
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
  readonly document?: { createElement(name: "canvas"): Canvas };
  readonly Worker?: new (url: string, options?: { readonly name?: string }) => WebWorker;
  readonly process?: { getBuiltinModule?(name: "node:worker_threads"): NodeThreads | undefined };
}

/** The host that this module runs in. */
export const host: Host = globalThis as unknown as Host;

/** `navigator.locks`. */
export interface WebLocks {
  /** Calls back once the lock of that name is free. */
  request(name: string, granted: () => void): Promise<unknown>;
}

/** `navigator.gpu`. */
export interface WebGpu {
  requestAdapter(): Promise<WebGpuAdapter | null>;
}

/** A WebGPU adapter. */
export interface WebGpuAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  /** Where older versions of WebGPU say it. */
  readonly isFallbackAdapter?: boolean;
}

/** A WebGPU device. */
export interface WebGpuDevice {
  readonly limits: WebGpuLimits;
  /** Resolves when the device is gone. */
  readonly lost: Promise<unknown>;
  pushErrorScope(filter: "out-of-memory" | "validation"): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** Limits of a WebGPU device, in bytes. */
export interface WebGpuLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
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

/** A canvas, on a page or off it. */
export interface Canvas {
  getContext(kind: "webgl2", settings: unknown): Gl | null;
}

/** A texture, a buffer, a framebuffer or a fence. */
export type GlObject = object;

/** Names of the numbers that the executor passes. */
type Constant =
  | "COLOR_ATTACHMENT0"
  | "CLAMP_TO_EDGE"
  | "FLOAT"
  | "FRAGMENT_SHADER"
  | "FRAMEBUFFER"
  | "FRAMEBUFFER_COMPLETE"
  | "HIGH_FLOAT"
  | "HIGH_INT"
  | "IMPLEMENTATION_COLOR_READ_FORMAT"
  | "IMPLEMENTATION_COLOR_READ_TYPE"
  | "MAX_TEXTURE_SIZE"
  | "MAX_VIEWPORT_DIMS"
  | "NEAREST"
  | "NO_ERROR"
  | "OUT_OF_MEMORY"
  | "PIXEL_PACK_BUFFER"
  | "R32F"
  | "RED"
  | "RENDERER"
  | "RGBA"
  | "STREAM_READ"
  | "SYNC_GPU_COMMANDS_COMPLETE"
  | "TEXTURE0"
  | "TEXTURE_2D"
  | "TEXTURE_MAG_FILTER"
  | "TEXTURE_MIN_FILTER"
  | "TEXTURE_WRAP_S"
  | "TEXTURE_WRAP_T";

/** A WebGL2 context. */
export interface Gl extends Readonly<Record<Constant, number>> {
  activeTexture(unit: number): void;
  bindBuffer(target: number, buffer: GlObject | null): void;
  bindFramebuffer(target: number, framebuffer: GlObject | null): void;
  bindTexture(target: number, texture: GlObject | null): void;
  bufferData(target: number, bytes: number, usage: number): void;
  checkFramebufferStatus(target: number): number;
  createBuffer(): GlObject;
  createFramebuffer(): GlObject;
  createTexture(): GlObject;
  deleteBuffer(buffer: GlObject): void;
  deleteFramebuffer(framebuffer: GlObject): void;
  deleteTexture(texture: GlObject): void;
  fenceSync(condition: number, flags: 0): GlObject;
  flush(): void;
  framebufferTexture2D(
    target: number,
    attachment: number,
    kind: number,
    texture: GlObject | null,
    level: 0,
  ): void;
  getBufferSubData(target: number, from: number, into: Float32Array): void;
  getError(): number;
  getExtension(name: string): unknown;
  // deno-lint-ignore no-explicit-any -- its type depends on the name
  getParameter(name: number): any;
  getShaderPrecisionFormat(
    shader: number,
    kind: number,
  ): { readonly precision: number; readonly rangeMax: number } | null;
  isContextLost(): boolean;
  readPixels(
    x: 0,
    y: 0,
    width: number,
    height: number,
    format: number,
    type: number,
    into: number,
  ): void;
  texParameteri(target: number, name: number, value: number): void;
  texStorage2D(target: number, levels: 1, format: number, width: number, height: number): void;
  texSubImage2D(
    target: number,
    level: 0,
    x: 0,
    y: number,
    width: number,
    height: number,
    format: number,
    type: number,
    data: Float32Array,
    from: number,
  ): void;
  viewport(x: 0, y: 0, width: number, height: number): void;
}
