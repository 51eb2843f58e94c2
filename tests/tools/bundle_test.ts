import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bundle } from "../browser/bundle.ts";

const root = new URL("../..", import.meta.url).pathname;

/** Bytes of something as a server sends it. */
async function compressed(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

describe("a minified bundle for browsers", () => {
  it("weighs what docs/runtimes.md says, and holds nothing of other runtimes", async () => {
    const bytes = await bundle(`export * from ${JSON.stringify(`${root}mod.ts`)};`, true);
    const text = new TextDecoder().decode(bytes);
    // The generator, Dawn, and the addon that is WebGL for Node.
    for (const name of ["ts-morph", "dawn.node", "webgl.node", "bindings("]) {
      assertEquals(text.includes(name), false, name);
    }
    const page = await Deno.readTextFile(`${root}docs/runtimes.md`);
    const [, whole, small] = /weighs (\d+) kB, (\d+) kB compressed/.exec(
      page.replaceAll(/\s+/g, " "),
    )!.map(Number);
    const sizes = [bytes.length / 1000, await compressed(bytes) / 1000];
    for (const [i, said] of [whole, small].entries()) {
      assert(Math.abs(sizes[i] / said - 1) < 0.03, `${sizes[i]} kB, not ${said}`);
    }
  });
});
