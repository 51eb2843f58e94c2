/**
 * Runs of float32 numbers as textures: their shape, and the ways in and out.
 *
 * @module
 */
import type { Gl, GlObject } from "../host/webgl2.ts";

/** Width and height in texels, one number per texel, row by row. */
export type TextureSize = readonly [width: number, height: number];

/** A value in a texture. */
export interface ValueTexture {
  readonly texture: GlObject;
  readonly size: TextureSize;
  /** Numbers per texel: 1, or 4 where a kernel computes four elements per cell. */
  readonly lanes: number;
  readonly length: number;
}

/**
 * The shape of a texture of so many texels: about square, and as wide as a power of two, so that the
 * division in every read of it is a shift.
 */
export function textureSize(texels: number): TextureSize {
  const width = 2 ** Math.ceil(Math.log2(Math.sqrt(texels)));
  return [width, Math.ceil(texels / width)];
}

/** Bytes of the texture of a value. */
export function textureBytes(length: number): number {
  const [width, height] = textureSize(length);
  return 4 * width * height;
}

/** Most texels of a texture whose sides are not longer than this. */
export function mostTexels(side: number): number {
  return 4 ** Math.floor(Math.log2(side));
}

/** An empty texture of one number per texel; whoever asked for it deletes it. */
export function createTexture(gl: Gl, length: number): ValueTexture {
  const texture = gl.createTexture();
  const size = textureSize(length);
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  // Float textures cannot be filtered, and are unreadable while they ask to be.
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32F, size[0], size[1]);
  return { texture, size, lanes: 1, length };
}

/** Writes numbers into a texture: its whole rows, then what is left. */
export function upload(gl: Gl, { texture, size: [width] }: ValueTexture, data: Float32Array): void {
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  const rows = Math.floor(data.length / width);
  const rest = data.length - rows * width;
  const write = (row: number, columns: number, count: number) =>
    gl.texSubImage2D(
      gl.TEXTURE_2D,
      0,
      0,
      row,
      columns,
      count,
      gl.RED,
      gl.FLOAT,
      data,
      row * width,
    );
  if (rows > 0) write(0, width, rows);
  if (rest > 0) write(rows, rest, 1);
}

/** A readback that the device has been told to do. */
export interface Readback {
  /** Signalled when the numbers are there. */
  readonly fence: GlObject;
  /** The numbers; to be called once, after the fence. */
  finish(): Float32Array[];
  /** Gives the memory back. */
  dispose(): void;
}

/** How a context reads textures of one number per texel. */
export interface ReadFormat {
  /** Whether they can be drawn into and read at all. */
  readonly complete: boolean;
  /** Whether the one number comes alone: WebGL promises only four per texel. */
  readonly tight: boolean;
}

/** Finds out how a context reads textures. */
export function readFormat(gl: Gl): ReadFormat {
  const value = createTexture(gl, 1);
  try {
    return withFramebuffer(gl, (attach) => {
      attach(value);
      return {
        complete: gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE,
        tight: gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_FORMAT) === gl.RED &&
          gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_TYPE) === gl.FLOAT,
      };
    });
  } finally {
    gl.deleteTexture(value.texture);
  }
}

/** Starts to copy textures into one buffer, without waiting for what computes them. */
export function readBack(
  gl: Gl,
  { tight }: ReadFormat,
  values: readonly ValueTexture[],
): Readback {
  const channels = values.map(({ lanes }) => lanes === 4 || !tight ? 4 : 1);
  const offsets: number[] = [];
  let bytes = 0;
  values.forEach(({ size: [width, height] }, i) => {
    offsets.push(bytes);
    bytes += 4 * channels[i] * width * height;
  });
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes, gl.STREAM_READ);
  withFramebuffer(gl, (attach) =>
    values.forEach((value, i) => {
      attach(value);
      const [width, height] = value.size;
      const format = channels[i] === 4 ? gl.RGBA : gl.RED;
      gl.readPixels(0, 0, width, height, format, gl.FLOAT, offsets[i]);
    }));
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  return {
    fence,
    finish() {
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      const results = values.map(({ length, lanes }, i) => {
        const stride = channels[i] / lanes;
        const data = new Float32Array(length * stride);
        gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, offsets[i], data);
        return stride === 1 ? data : everyOther(data, stride);
      });
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      return results;
    },
    dispose: () => gl.deleteBuffer(buffer),
  };
}

/** Every element of data that lie so far apart. */
function everyOther(data: Float32Array, stride: number): Float32Array {
  const taken = new Float32Array(data.length / stride);
  for (let i = 0; i < taken.length; i++) taken[i] = data[i * stride];
  return taken;
}

/** Runs a task with a framebuffer that textures can be attached to. */
function withFramebuffer<T>(gl: Gl, task: (attach: (value: ValueTexture) => void) => T): T {
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  try {
    return task(({ texture }) =>
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0)
    );
  } finally {
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.deleteFramebuffer(framebuffer);
  }
}
