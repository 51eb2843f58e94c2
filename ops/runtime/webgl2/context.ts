/**
 * WebGL2 contexts: whether there can be one that computes in float32, and one per executor.
 *
 * @module
 */
import type { Gpu, GpuLibrary } from "../gpu/declarations.ts";
import { isSoftware } from "../gpu/software.ts";
import { host } from "../host/host.ts";
import type { Gl } from "../host/webgl2.ts";
import { launchedWebGl2Kernel } from "./kernel.ts";
import { type ReadFormat, readFormat } from "./texture.ts";

/** What a context is, as far as the choice of a backend goes. */
export interface ContextChoice {
  /** What renders, in words. */
  readonly name: string;
  /** Computes on the processor: right, but never faster than wasm. */
  readonly software: boolean;
}

/** What a context can do. */
export interface ContextFacts {
  /** What renders, in words. */
  readonly name: string;
  /** Texels along one side of the largest texture that can be rendered to. */
  readonly side: number;
  /** How textures are read. */
  readonly format: ReadFormat;
}

/** A context that is used until it is lost, with gpu.js over it. */
export interface ContextSession {
  readonly gl: Gl;
  readonly gpu: Gpu;
  readonly facts: ContextFacts;
}

/** What a context of this page would be, or why there is none that would do. */
export function findContext(): ContextChoice | { readonly missing: string } {
  if (!("WebGL2RenderingContext" in globalThis)) return { missing: "this runtime has no WebGL2" };
  const gl = createContext();
  if (gl === null) return { missing: "no WebGL2 context could be created" };
  try {
    const missing = missingFeature(gl);
    if (missing !== undefined) return { missing };
    const name = nameOf(gl);
    return { name, software: isSoftware(name) || isSlow() };
  } finally {
    lose(gl);
  }
}

/** Whether the browser says so: some do not tell the renderer's name. */
function isSlow(): boolean {
  const gl = createContext({ failIfMajorPerformanceCaveat: true });
  if (gl !== null) lose(gl);
  return gl === null;
}

/**
 * Opens a context of its own for an executor.
 *
 * @throws {Error} If there is none that would do.
 */
export function openContext(library: GpuLibrary): ContextSession {
  const gl = createContext();
  if (gl === null) throw new Error("no WebGL2 context could be created");
  const missing = missingFeature(gl);
  if (missing !== undefined) throw new Error(missing);
  const gpu = new library.GPU({ mode: "webgl2" });
  gpu.Kernel = launchedWebGl2Kernel(library.WebGL2Kernel);
  gpu.context = gl;
  // gpu.js makes its canvas as large as its largest texture, though nothing is drawn on it.
  gpu.canvas = { width: 1, height: 1 };
  return { gl, gpu, facts: describe(gl) };
}

/** Gives a context back. Browsers keep only a few alive, whether they are referred to or not. */
export async function closeContext({ gl, gpu }: ContextSession): Promise<void> {
  await gpu.destroy();
  lose(gl);
}

function lose(gl: Gl): void {
  if (gl.isContextLost()) return;
  (gl.getExtension("WEBGL_lose_context") as { loseContext(): void } | null)?.loseContext();
}

function createContext(demands: Readonly<Record<string, unknown>> = {}): Gl | null {
  const { OffscreenCanvas, document } = host;
  const settings = {
    alpha: false,
    antialias: false,
    depth: false,
    powerPreference: "high-performance",
    ...demands,
  };
  // Some browsers' offscreen canvases have no WebGL2.
  return (OffscreenCanvas && new OffscreenCanvas(1, 1).getContext("webgl2", settings)) ??
    document?.createElement("canvas").getContext("webgl2", settings) ?? null;
}

/** What a context lacks for float32 in, out and in between. */
function missingFeature(gl: Gl): string | undefined {
  if (gl.getExtension("EXT_color_buffer_float") === null) {
    return "this WebGL2 cannot render to float textures: it lacks EXT_color_buffer_float";
  }
  if (!readFormat(gl).complete) return "this WebGL2 cannot render to textures of one float";
  const float = gl.getShaderPrecisionFormat(gl.FRAGMENT_SHADER, gl.HIGH_FLOAT);
  const int = gl.getShaderPrecisionFormat(gl.FRAGMENT_SHADER, gl.HIGH_INT);
  if (!(float !== null && int !== null && float.precision >= 23 && int.rangeMax >= 30)) {
    return "this WebGL2 does not compute in float32: its fragment shaders lack highp";
  }
  return undefined;
}

function nameOf(gl: Gl): string {
  const debug = gl.getExtension("WEBGL_debug_renderer_info") as
    | { UNMASKED_RENDERER_WEBGL: number }
    | null;
  return gl.getParameter(debug?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) || "unnamed renderer";
}

function describe(gl: Gl): ContextFacts {
  const viewport: ArrayLike<number> = gl.getParameter(gl.MAX_VIEWPORT_DIMS);
  return {
    name: nameOf(gl),
    side: Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), viewport[0], viewport[1]),
    format: readFormat(gl),
  };
}
