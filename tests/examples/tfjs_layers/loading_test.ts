import { readSafetensors, type Tensor } from "../../../mod.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { tf } from "../../../examples/tfjs_layers/library.ts";
import { saved } from "../../../examples/tfjs_layers/memory.ts";
import type { Artifacts, Model, TfTensor } from "../../../examples/tfjs_layers/tensorflow.ts";
import { assertClose, largest } from "../../support/close.ts";
import { registered, tensorOf } from "./layers.ts";

/** A model with an output for each kind of layer, and what Keras computes of it; see make_models.py. */
const KERAS = new URL("keras/", import.meta.url);

/**
 * Both compute in float32. Of results up to 5, statistics of 24 numbers and the division round less than
 * ten times, and GDN's pool of 8 channels less than twenty, in each of the two.
 */
const ROUNDING = 20 * 2 * 2 ** -24;

let expected: Readonly<Record<string, Tensor>> = {};
let x: TfTensor;
before(async () => {
  const { tensors } = readSafetensors(await Deno.readFile(new URL("keras.safetensors", KERAS)));
  expected = tensors as Record<string, Tensor>;
  x = tensorOf(expected.x);
});
after(() => x.dispose());

/** Loading a weight with a constraint leaves a tensor behind, as in layers of TensorFlow.js. */
const CONSTRAINED = 1;

/** Of layers of TensorFlow.js, float32 is the only type; GDN's exponents are numbers and not trained. */
const LEFT_OUT = ["dtype", "alpha_initializer", "epsilon_initializer"];

const load = () => tf.loadLayersModel(new URL("model.json", KERAS).href);

it("without the layers, models that have them do not load", async () => {
  const error = await assertRejects(load, Error) as Error;
  assertMatch(error.message, /^Unknown layer: Addons>GroupNormalization\./);
});

for (const backend of ["wasm", "cpu"] as const) {
  describe(`models of Keras, on ${backend}`, () => {
    registered(backend);

    it("compute what Keras computes", async () => {
      const model = await load();
      const results = model.predict(x) as TfTensor[];
      assertEquals(results.length, Object.keys(expected).length - 1);
      for (const [i, y] of results.entries()) {
        const name = model.outputNames[i];
        const { data, shape } = expected[name];
        assertEquals(y.shape, shape);
        assertClose(y.dataSync(), data, ROUNDING * largest(data), name);
      }
      tf.dispose(results);
      model.dispose();
    });

    it("load from what to_json writes, in which names have no package", async () => {
      const model = await load();
      const text = await Deno.readTextFile(new URL("to_json.json", KERAS));
      const names = [...text.matchAll(/"class_name": "(\w+Normalization|GDN)"/g)];
      assertEquals(names.length, model.outputs.length);
      const artifacts = await saved(tf, model);
      await assertLoads({ ...artifacts, modelTopology: JSON.parse(text) }, model);
      model.dispose();
    });

    it("are saved under Keras' names, and load again", async () => {
      const model = await load();
      const artifacts = await saved(tf, model);
      const text = await Deno.readTextFile(new URL("model.json", KERAS));
      const theirs = layersOf(JSON.parse(text).modelTopology.model_config);
      const ours = layersOf(artifacts.modelTopology as unknown as Saved);
      const names = (layers: typeof ours) => layers.map(({ class_name }) => class_name);
      assertEquals(names(ours), names(theirs));
      for (const [i, { class_name, config }] of ours.entries()) {
        if (class_name === "InputLayer") continue;
        const missing = Object.keys(theirs[i].config).filter((key) => !(key in config));
        assertEquals(missing.filter((key) => !LEFT_OUT.includes(key)), [], class_name);
        for (const [key, value] of Object.entries(config)) {
          // Keras' L2 is saved as an L1L2, and -1 groups as they were given.
          if (key === "gamma_regularizer" || value === -1 && key === "groups") continue;
          assertEquals([key, value], [key, withoutModules(theirs[i].config[key])]);
        }
      }
      await assertLoads(artifacts, model);
      model.dispose();
    });

    it("keep no tensors", async () => {
      const { numTensors } = tf.memory();
      const model = await load();
      const loaded = tf.memory().numTensors;
      assertEquals(loaded - numTensors, model.weights.length + CONSTRAINED);
      for (let i = 0; i < 3; i++) tf.dispose(model.predict(x));
      assertEquals(tf.memory().numTensors, loaded);
      model.dispose();
      assertEquals(tf.memory().numTensors, numTensors + CONSTRAINED);
    });
  });
}

/** Checks that a model loads, and that it computes what another one does. */
async function assertLoads(artifacts: Artifacts, model: Model): Promise<void> {
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  const [found, same] = [loaded, model].map((one) => one.predict(x) as TfTensor[]);
  assertEquals(found.map((y) => y.dataSync()), same.map((y) => y.dataSync()));
  tf.dispose([...found, ...same]);
  loaded.dispose();
}

/** A model as it is saved. */
interface Saved {
  readonly config: {
    readonly layers: readonly {
      readonly class_name: string;
      readonly config: Readonly<Record<string, unknown>>;
    }[];
  };
}

/** Part of a saved layer without the names of Python's modules, which TensorFlow.js ignores. */
function withoutModules(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value),
    (key, inner) => key === "module" || key === "registered_name" ? undefined : inner,
  );
}

function layersOf({ config: { layers } }: Saved) {
  return layers;
}
