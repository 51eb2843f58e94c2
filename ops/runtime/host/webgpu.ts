/**
 * What is used of WebGPU.
 *
 * @module
 */

/** `navigator.gpu`. */
export interface WebGpu {
  requestAdapter(): Promise<WebGpuAdapter | null>;
}

/** A WebGPU adapter. */
export interface WebGpuAdapter {
  readonly info: WebGpuInfo;
  /** Where older versions of WebGPU say it. */
  readonly isFallbackAdapter?: boolean;
  readonly limits: WebGpuLimits;
  requestDevice(settings: { readonly requiredLimits: WebGpuLimits }): Promise<WebGpuDevice>;
}

/** What an adapter says of itself. */
export interface WebGpuInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** Limits of an adapter or a device, in bytes. */
export interface WebGpuLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
}

/** A WebGPU device. */
export interface WebGpuDevice {
  /** Older versions of WebGPU lack it. */
  readonly adapterInfo?: WebGpuInfo;
  readonly limits: WebGpuLimits;
  readonly queue: WebGpuQueue;
  /** Resolves when the device is gone. */
  readonly lost: Promise<unknown>;
  createBindGroup(settings: {
    readonly layout: object;
    readonly entries: readonly { readonly binding: number; readonly resource: WebGpuBinding }[];
  }): object;
  createBuffer(settings: { readonly size: number; readonly usage: number }): WebGpuBuffer;
  createCommandEncoder(): WebGpuEncoder;
  createComputePipeline(settings: {
    readonly layout: "auto";
    readonly compute: { readonly module: object };
  }): WebGpuPipeline;
  createShaderModule(settings: { readonly code: string }): object;
  destroy(): void;
  pushErrorScope(filter: WebGpuErrorFilter): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** Kinds of errors that a scope catches. */
export type WebGpuErrorFilter = "out-of-memory" | "validation" | "internal";

/** A part of a buffer, or the whole, as a shader sees it. */
export interface WebGpuBinding {
  readonly buffer: WebGpuBuffer;
  readonly offset?: number;
  readonly size?: number;
}

/** What a device does, in order. */
export interface WebGpuQueue {
  submit(commands: readonly object[]): void;
  writeBuffer(buffer: WebGpuBuffer, offset: number, data: Float32Array): void;
}

/** Memory of a device. */
export interface WebGpuBuffer {
  readonly size: number;
  readonly usage: number;
  destroy(): void;
  getMappedRange(): ArrayBuffer;
  mapAsync(mode: number): Promise<unknown>;
  unmap(): void;
}

/** A compiled shader. */
export interface WebGpuPipeline {
  getBindGroupLayout(group: number): object;
}

/** Commands as they are written down. */
export interface WebGpuEncoder {
  beginComputePass(): WebGpuPass;
  copyBufferToBuffer(
    from: WebGpuBuffer,
    fromOffset: number,
    to: WebGpuBuffer,
    toOffset: number,
    bytes: number,
  ): void;
  finish(): object;
}

/** The runs of shaders in an encoder. */
export interface WebGpuPass {
  dispatchWorkgroups(x: number, y: number): void;
  end(): void;
  setBindGroup(group: number, bindings: object): void;
  setPipeline(pipeline: WebGpuPipeline): void;
}
