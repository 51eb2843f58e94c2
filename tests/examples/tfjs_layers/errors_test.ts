import type { Runtime } from "../../../mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tf } from "../../../examples/tfjs_layers/library.ts";
import { type Layers, registerLayers } from "../../../examples/tfjs_layers/register.ts";
import type { Layer, TfTensor } from "../../../examples/tfjs_layers/tensorflow.ts";
import { leavesNoTensors, registered } from "./layers.ts";

/** Arguments as somebody without types, or a saved model, may have them. */
type Args = Readonly<Record<string, unknown>>;

describe("layers for TensorFlow.js refuse, before anything is computed", () => {
  const layers = registered();
  leavesNoTensors();

  const made: [of: keyof Layers, args: Args, error: typeof TypeError, message: string][] = [
    ["groupNormalization", { axis: [3] }, TypeError, "axis must be an integer, got [3]"],
    ["groupNormalization", { axis: 0 }, RangeError, "axis must not be the batch axis, got 0"],
    [
      "groupNormalization",
      { groups: 0 },
      RangeError,
      "groups must be an integer >= 1, or -1, got 0",
    ],
    [
      "instanceNormalization",
      { epsilon: -1 },
      RangeError,
      "epsilon must be finite and >= 0, got -1",
    ],
    [
      "instanceNormalization",
      { dtype: { className: "Policy", config: { name: "mixed_float16" } } },
      TypeError,
      'dtype must be float32, got {"className":"Policy","config":{"name":"mixed_float16"}}',
    ],
    [
      "groupNormalization",
      { betaInitializer: { className: "Own", config: {} } },
      TypeError,
      "betaInitializer must be known to TensorFlow.js, got Own",
    ],
    [
      "gdn",
      { dataFormat: "NHWC" },
      TypeError,
      "dataFormat must be channelsLast or channelsFirst, got NHWC",
    ],
    [
      "gdn",
      { alphaParameter: null },
      TypeError,
      "alphaParameter must be a number, as exponents are not trained, got null",
    ],
    ["gdn", { epsilonParameter: 0 }, RangeError, "epsilonParameter must be finite and > 0, got 0"],
    [
      "gdn",
      { betaParameter: { className: "Own>Parameter", config: {} } },
      TypeError,
      'betaParameter must be a GDNParameter, got {"className":"Own>Parameter","config":{}}',
    ],
    [
      "gdn",
      { betaParameter: { className: "a>GDNParameter", config: { minimum: -1 } } },
      RangeError,
      "betaParameter must have a minimum that is finite and >= 0, got -1",
    ],
    [
      "gdn",
      { gammaParameter: { className: "a>GDNParameter", config: { minimum: 0.5 } } },
      RangeError,
      "gammaParameter must have a minimum of 0, got 0.5",
    ],
    [
      "gdn",
      { gammaParameter: { className: "a>GDNParameter", config: { offset: 0 } } },
      RangeError,
      "gammaParameter must have the offset of betaParameter, 0.000003814697265625, got 0",
    ],
  ];
  const titles = {
    groupNormalization: "GroupNormalization",
    instanceNormalization: "InstanceNormalization",
    gdn: "GDN",
  };
  for (const [of, args, error, message] of made) {
    it(`${of} of ${JSON.stringify(args)}`, () => {
      const action = message.includes("known to") ? "make a layer" : `make a ${titles[of]}`;
      const thrown = assertThrows(() => layers()[of](args as object), error) as Error;
      assertEquals(thrown.message, `Cannot ${action}: ${message}`);
    });
  }

  const applied: [
    what: string,
    of: keyof Layers,
    args: Args,
    input: () => Parameters<Layer["apply"]>[0],
    message: string,
  ][] = [
    [
      "an axis that the input lacks",
      "groupNormalization",
      { axis: 3 },
      () => tf.input({ shape: [4, 8] }),
      "Cannot build own: axis must be one of the input's other than the batch axis, got 3 of 3 axes",
    ],
    [
      "channels of no fixed number, in a norm",
      "instanceNormalization",
      {},
      () => tf.input({ shape: [4, null] }),
      "Cannot build own: axis 2 of the input must have a fixed size, got null",
    ],
    [
      "channels of no fixed number, in GDN",
      "gdn",
      { dataFormat: "channelsFirst" },
      () => tf.input({ shape: [null, 4] }),
      "Cannot build own: axis 1 of the input must have a fixed size, got null",
    ],
    [
      "groups that do not divide the channels",
      "groupNormalization",
      { groups: 3 },
      () => tf.input({ shape: [4, 8] }),
      "Cannot build own: groups must divide the channels, got 3 for 8 channels",
    ],
    [
      "an input of one axis",
      "gdn",
      {},
      () => tf.ones([3]),
      "Cannot build own: the input must have 2 to 5 axes, got 1",
    ],
    [
      "numbers of another type",
      "gdn",
      {},
      () => tf.ones([2, 3], "int32"),
      "Cannot compute a layer: x must be of type float32, got int32",
    ],
    [
      "two inputs",
      "gdn",
      {},
      () => [tf.ones([2, 3]), tf.ones([2, 3])],
      "Cannot build own: inputs must be one tensor, got 2",
    ],
  ];
  /** Applies a new layer, which must refuse it. */
  function assertRefused(
    of: keyof Layers,
    args: Args,
    apply: (layer: Layer) => unknown,
    message: string,
  ): void {
    const layer = layers()[of]({ ...args, name: "own" });
    tf.tidy(() => {
      const thrown = assertThrows(() => void apply(layer), Error) as Error;
      assertEquals(thrown.message, message);
    });
    if (layer.built) layer.dispose();
  }
  for (const [what, of, args, input, message] of applied) {
    it(what, () => assertRefused(of, args, (layer) => layer.apply(input()), message));
  }

  it("a mask, where Keras weighs statistics by it", () => {
    assertRefused(
      "groupNormalization",
      { groups: 1 },
      (layer) => layer.apply(tf.ones([2, 3]), { mask: tf.ones([2, 3]) }),
      "Cannot call own: inputs must have no mask, as statistics are not weighted, got one",
    );
  });

  it("a mask is ignored where TensorFlow Addons ignores it", () => {
    const layer = layers().instanceNormalization();
    tf.tidy(() => {
      const x = tf.randomNormal([2, 3, 4]);
      const masked = layer.apply(x, { mask: tf.zeros([2, 3]) }) as TfTensor;
      assertEquals(masked.dataSync(), (layer.apply(x) as TfTensor).dataSync());
    });
    layer.dispose();
  });

  it("what is no runtime", () => {
    const thrown = assertThrows(() => registerLayers(tf, {} as Runtime), TypeError) as Error;
    assertEquals(
      thrown.message,
      "Cannot make eager ops: runtime must come from createRuntime, or be a scope of one, got an object of class Object",
    );
  });
});
