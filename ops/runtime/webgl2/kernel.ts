/**
 * gpu.js' WebGL2 kernel, changed in three ways: textures have a shape that is cheap to index, every
 * index is an integer from the pixel's own coordinates to the texel that is fetched, and a kernel
 * depends on no state that another may have changed.
 *
 * @module
 */
import type { GpuClass, GpuInput, GpuTexture, WebGl2KernelBase } from "../gpu/declarations.ts";
import { textureSize } from "./texture.ts";

/** The class to set as `gpu.Kernel` in mode "webgl2". */
export function launchedWebGl2Kernel(
  base: GpuClass<WebGl2KernelBase> & { readonly fragmentShader: string },
): unknown {
  const fragmentShader = withIntegerReads(base.fragmentShader);
  return class LaunchedWebGl2Kernel extends base {
    static override get fragmentShader(): string {
      return fragmentShader;
    }

    static get vertexShader(): string {
      return VERTEX_SHADER;
    }

    override validateSettings(args: unknown): void {
      super.validateSettings(args);
      const [width, height] = textureSize(this.output.reduce((cells, extent) => cells * extent, 1));
      this.texSize = new Int32Array([width, height]);
    }

    /** The executor has checked the texture that will be used, which is not the one known here. */
    override checkTextureSize(): void {}

    /** gpu.js shares the largest size among the kernels of a canvas, to share the viewport. */
    override updateMaxTexSize(): void {
      this.maxTexSize = this.texSize;
    }

    override getFragmentShader(args: unknown): string {
      // Sizes are known, but gpu.js declares them as variables that happen to have a first value.
      return super.getFragmentShader(args).replaceAll(
        /^(highp )?ivec[23] \w+ = ivec/gm,
        "const $&",
      );
    }

    override run(...args: (GpuInput | GpuTexture | number)[]): unknown {
      this.context.viewport(0, 0, this.texSize[0], this.texSize[1]);
      return super.run(...args);
    }
  };
}

/**
 * Whether a kernel's shader reads anything at an index that was a float on its way, which is wrong
 * beyond 2^24. No generated kernel does: gpu.js counts loops and adds and multiplies coordinates in
 * integers, but divides and rounds in floats.
 */
export function hasFloatIndices(shader: string): boolean {
  return /\bint\(/.test(
    shader.slice(shader.indexOf("void kernel()"), shader.indexOf("void main(")),
  );
}

/**
 * Covers the viewport from the numbers of the corners alone. gpu.js' own reads them from a buffer
 * that is bound when a kernel is built, so that each kernel draws with the buffer of the last one,
 * and none can once that has been destroyed.
 */
const VERTEX_SHADER = `#version 300 es
void main(void) {
  gl_Position = vec4(float(gl_VertexID & 1) * 2.0 - 1.0, float(gl_VertexID >> 1) * 2.0 - 1.0, 0, 1);
}`;

/** What is replaced in gpu.js' fragment shader, and by what. */
const REPLACEMENTS: readonly (readonly [string, string])[] = [
  ["in vec2 vTexCoord;", ""],
  [
    "index = int(vTexCoord.s * float(uTexSize.x)) + int(vTexCoord.t * float(uTexSize.y)) * uTexSize.x;",
    "index = int(gl_FragCoord.x) + int(gl_FragCoord.y) * uTexSize.x;",
  ],
  [
    `float getFloatFromSampler2D(sampler2D tex, ivec2 texSize, ivec3 texDim, int z, int y, int x) {
  vec4 result = getImage2D(tex, texSize, texDim, z, y, x);
  return result[0];
}`,
    `float getFloatFromSampler2D(sampler2D tex, ivec2 texSize, ivec3 texDim, int z, int y, int x) {
  int index = x + texDim.x * (y + texDim.y * z);
  return texelFetch(tex, ivec2(index % texSize.x, index / texSize.x), 0).x;
}`,
  ],
];

/** @throws {Error} If gpu.js' fragment shader is not the one of version 2.24.1. */
function withIntegerReads(text: string): string {
  return REPLACEMENTS.reduce((shader, [from, to]) => {
    if (!shader.includes(from)) {
      throw new Error("Cannot build a WebGL2 kernel: gpu.js must be of version 2.24.1");
    }
    return shader.replace(from, to);
  }, text);
}
