/**
 * What is used of WebGL2.
 *
 * @module
 */

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
