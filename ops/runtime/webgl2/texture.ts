/**
 * Runs of float32 numbers as textures: their shape, and the ways in and out.
 *
 * @module
 */
import type { Gl, GlObject } from "./gl.ts";

/** Width and height in texels, one number per texel, row by row. */
export type TextureSize = readonly [width: number, height: number];

/** A value in a texture. */
export interface ValueTexture {
  readonly texture: GlObject;
  readonly size: TextureSize;
  readonly length: number;
}

/**
 * The shape of a texture for so many numbers: about square, and as wide as a power of two, so that
 * the division in every read of it is a shift.
 */
export function textureSize(length: number): TextureSize {
  const width = 2 ** Math.ceil(Math.log2(Math.sqrt(length)));
  return [width, Math.ceil(length / width)];
}

/** Bytes of the texture of a value. */
export function textureBytes(length: number): number {
  const [width, height] = textureSize(length);
  return 4 * width * height;
}

/** Most numbers in a texture whose sides are not longer than this. */
export function mostNumbers(side: number): number {
  return 4 ** Math.floor(Math.log2(side));
}

/** An empty texture; whoever asked for it deletes it. */
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
  return { texture, size, length };
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

/** Starts to copy textures into one buffer, without waiting for what computes them. */
export function readBack(gl: Gl, values: readonly ValueTexture[]): Readback {
  const framebuffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  const attach = ({ texture }: ValueTexture) =>
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  attach(values[0]);
  // WebGL promises only four numbers per texel; most drivers also give the one that is there.
  const tight = gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_FORMAT) === gl.RED &&
    gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_TYPE) === gl.FLOAT;
  const channels = tight ? 1 : 4;
  const offsets: number[] = [];
  let bytes = 0;
  for (const { size: [width, height] } of values) {
    offsets.push(bytes);
    bytes += 4 * channels * width * height;
  }
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes, gl.STREAM_READ);
  values.forEach((value, i) => {
    attach(value);
    const [width, height] = value.size;
    gl.readPixels(0, 0, width, height, tight ? gl.RED : gl.RGBA, gl.FLOAT, offsets[i]);
  });
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.deleteFramebuffer(framebuffer);
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  return {
    fence,
    finish() {
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      const results = values.map(({ length }, i) => {
        const data = new Float32Array(length * channels);
        gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, offsets[i], data);
        return tight ? data : data.filter((_, at) => at % channels === 0);
      });
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      return results;
    },
    dispose: () => gl.deleteBuffer(buffer),
  };
}
