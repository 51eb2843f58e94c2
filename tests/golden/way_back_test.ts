import {
  createRuntime,
  readSafetensors,
  type Runtime,
  type Tensor,
  writeSafetensors,
} from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { assertClose, largest } from "../support/close.ts";
import { installed, run } from "./sources.ts";
import { forCompressAI, forKeras, forPyTorch, type Trained } from "./trained.ts";

/**
 * Both compute in float32 from the same parameters. Where the mean is folded into an offset, as theirs
 * may do, data three deviations from zero are rounded three times as much.
 */
const ROUNDING = 64 * 2 ** -24;

const FRAMEWORKS: Readonly<Record<string, (runtime: Runtime) => Promise<readonly Trained[]>>> = {
  pytorch: forPyTorch,
  keras3: forKeras,
  compressai_gdn: forCompressAI,
};

const pythons = new Map<string, string | undefined>();
for (const source of Object.keys(FRAMEWORKS)) pythons.set(source, await installed(source));

describe("parameters that were trained here", () => {
  for (const [source, train] of Object.entries(FRAMEWORKS)) {
    const python = pythons.get(source);
    const what = `give the same results in ${source}`;
    if (python === undefined) {
      it.skip(`${what}: it is not installed, as deno task golden does`, () => {});
      continue;
    }
    it(what, async () => {
      await using runtime = await createRuntime({ backend: "wasm" });
      const layers = await train(runtime);
      const results = await computed(python, source, layers);
      assertEquals(Object.keys(results).length, layers.length);
      for (const { name, y } of layers) {
        const { shape, data } = results[name];
        assertEquals(shape, y.shape);
        assertClose(y.data, data, ROUNDING * Math.max(1, largest(data)), name);
      }
    });
  }
});

/** What a framework makes of the layers' inputs with their weights. */
async function computed(
  python: string,
  source: string,
  layers: readonly Trained[],
): Promise<Readonly<Record<string, Tensor>>> {
  const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
  try {
    const tensors: Record<string, Tensor> = {};
    for (const { name, weights, x } of layers) {
      tensors[`${name}/x`] = x;
      for (const [key, value] of Object.entries(weights)) {
        tensors[`${name}/weights/${key}`] = value;
      }
    }
    const said = layers.map(({ name, class: kind, arguments: own }) => ({
      name,
      class: kind,
      arguments: own,
    }));
    const given = writeSafetensors(tensors, { layers: JSON.stringify(said) });
    await Deno.writeFile(`${dir}/given.safetensors`, given);
    const script = fileURLToPath(new URL(`way_back/${source}.py`, import.meta.url));
    await run([python, script, `${dir}/given.safetensors`, `${dir}/made.safetensors`]);
    return readSafetensors(await Deno.readFile(`${dir}/made.safetensors`)).tensors;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
