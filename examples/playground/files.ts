/**
 * The files that the page consists of.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ExampleError } from "../shared/command.ts";
import { PHOTOGRAPHS } from "../shared/photographs.ts";
import { readNpmFile } from "./npm_file.ts";

const HERE = new URL(".", import.meta.url);

/** A file of the page. */
export interface PageFile {
  /** Where it is from the page's folder. */
  readonly path: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Its type for browsers. */
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
  safetensors: "application/octet-stream",
  wasm: "application/wasm",
};

/** The page's folder for the codec. */
const CODEC: Readonly<Record<string, string>> = {
  "codec/index.html": "codec/index.html",
  "codec/style.css": "codec/style.css",
  "codec/page.js": "codec/page.ts",
  "codec/worker.js": "codec/worker.ts",
  "codec/chelsea.png": "../codec_compressai/chelsea.png",
  "codec/weights.safetensors": "../codec_compressai/weights.safetensors",
  "codec/tfjs-backend-wasm-simd.wasm":
    "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/tfjs-backend-wasm-simd.wasm",
};

/** Where each file is made from; scripts are bundled. */
const SOURCES: Readonly<Record<string, string>> = {
  "index.html": "index.html",
  "style.css": "style.css",
  "page.js": "page.ts",
  "worker.js": "worker.ts",
  ...CODEC,
  ...Object.fromEntries(
    PHOTOGRAPHS.map(({ name, source }) => [`photographs/${name}.png`, `../${source}`]),
  ),
};

/**
 * Makes all files. Scripts are bundled one after the other: `deno bundle` fetches esbuild when it first
 * runs, and of two that do so at once, one fails.
 *
 * @param bundled How a script is bundled.
 * @throws {ExampleError} If a script cannot be bundled, or a package not downloaded.
 */
export async function pageFiles(bundled: Bundler = bundle): Promise<PageFile[]> {
  let last: Promise<unknown> = Promise.resolve();
  const made = (source: string) => {
    if (source.startsWith("npm:")) return readNpmFile(source);
    if (!source.endsWith(".ts")) return Deno.readFile(new URL(source, HERE));
    const script = last.then(() => bundled(source));
    last = script;
    return script;
  };
  return await Promise.all(
    Object.entries(SOURCES).map(async ([path, source]) => ({
      path,
      body: await made(source),
      type: TYPES[path.slice(path.lastIndexOf(".") + 1)],
    })),
  );
}

/** From a script's source to the script for a page. */
type Bundler = (source: string) => Promise<Uint8Array<ArrayBuffer>>;

async function bundle(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--no-lock",
      "--minify",
      "--platform=browser",
      fileURLToPath(new URL(source, HERE)),
    ],
    stdout: "piped",
  }).output();
  if (!success) {
    throw new ExampleError(`Cannot bundle ${source}: ${new TextDecoder().decode(stderr)}`);
  }
  return stdout as Uint8Array<ArrayBuffer>;
}
