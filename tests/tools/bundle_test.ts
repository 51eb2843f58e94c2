import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { texts } from "../../generated/texts.ts";
import { bundle, bundleInChunks } from "../browser/bundle.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Kilobytes that a page may load to run on wasm, compressed. */
const MOST_ON_WASM = 75;
/** How far a size may be from what the docs say. */
const AS_SAID = 0.03;

/** Kilobytes of something as a server sends it. */
async function compressed(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength / 1000;
}

/** The numbers of a sentence in docs/runtimes.md. */
async function said(sentence: RegExp): Promise<number[]> {
  const page = await Deno.readTextFile(`${root}docs/runtimes.md`);
  const found = sentence.exec(page.replaceAll(/\s+/g, " "));
  assert(found !== null, `docs/runtimes.md must say ${sentence}`);
  return found.slice(1).map(Number);
}

function assertAsSaid(size: number, kilobytes: number): void {
  assert(Math.abs(size / kilobytes - 1) < AS_SAID, `${size} kB, not ${kilobytes}`);
}

describe("a minified bundle for browsers", () => {
  it("weighs what docs/runtimes.md says, and holds nothing of other runtimes", async () => {
    const bytes = await bundle(`export * from ${JSON.stringify(`${root}mod.ts`)};`, true);
    const text = new TextDecoder().decode(bytes);
    // The generator, Dawn, the addon that is WebGL for Node, and an entry apart.
    for (
      const name of ["ts-morph", "dawn.node", "webgl.node", "bindings(", "write an ONNX model"]
    ) {
      assertEquals(text.includes(name), false, name);
    }
    const [whole, small] = await said(/weighs (\d+) kB, (\d+) kB compressed/);
    assertAsSaid(bytes.length / 1000, whole);
    assertAsSaid(await compressed(bytes), small);
  });
});

/** A page that runs on wasm. */
const PAGE = `
import { batchNorm, createRuntime, gdn, groupNorm, initBatchNorm, initGdn, pipeline, tensor } from ${
  JSON.stringify(`${root}mod.ts`)
};
const runtime = await createRuntime({ backend: "wasm" });
const x = tensor([[1, 2], [3, 4]]);
const { params, state } = initBatchNorm(2);
const both = pipeline(
  (ops, input) => ops.groupNorm(ops.gdn(input, initGdn(2)), {}, { groups: 1 }),
  { runtime },
);
await gdn(x, initGdn(2), { runtime });
await groupNorm(x, {}, { groups: 1, runtime });
await batchNorm(x, params, state, { runtime });
await both(x);
console.log(JSON.stringify(runtime.stats().runs));
`;

/** The file that a page starts with, and those that it imports before it runs. */
async function loadedFirst(folder: string): Promise<string[]> {
  const files = ["entry.js"];
  for (const file of files) {
    const text = await Deno.readTextFile(`${folder}/${file}`);
    for (const [, chunk] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) {
      if (!files.includes(chunk)) files.push(chunk);
    }
  }
  return files;
}

describe("a page in chunks", () => {
  it("loads what wasm needs, and runs without the rest", async () => {
    const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
    try {
      await bundleInChunks(PAGE, `${dir}/all`);
      const files = await loadedFirst(`${dir}/all`);
      await Deno.mkdir(`${dir}/loaded`);
      let size = 0;
      for (const file of files) {
        const bytes = await Deno.readFile(`${dir}/all/${file}`);
        await Deno.writeFile(`${dir}/loaded/${file}`, bytes);
        size += await compressed(bytes);
        const text = new TextDecoder().decode(bytes);
        // gpu.js, WGSL, the text of a kernel, and models in ONNX.
        const kernel = texts.effective.split("\n")[0];
        for (const part of ["WebGLKernel", "@workgroup_size", kernel, "write an ONNX model"]) {
          assertEquals(text.includes(part), false, `${file}: ${part}`);
        }
      }
      assert(size <= MOST_ON_WASM, `${size} kB, more than ${MOST_ON_WASM}`);
      const [onWasm] = await said(/loads (\d+) kB, compressed/);
      assertAsSaid(size, onWasm);
      // The other chunks are not there.
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-config", "--no-lock", "--quiet", `${dir}/loaded/entry.js`],
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      assertEquals(JSON.parse(new TextDecoder().decode(stdout)).wasm, 4);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
});
