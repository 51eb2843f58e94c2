/**
 * Layers of kernorm for TensorFlow.js, under the names by which Keras saves them.
 *
 * @module
 */
import { eager, type Runtime } from "../../mod.ts";
import { type GdnArgs, gdnClass } from "./gdn.ts";
import { type GroupNormArgs, type NormArgs, normClass } from "./norms.ts";
import type { Layer, LayerClass, Tf } from "./tensorflow.ts";

/** Makes layers, as the functions of `tf.layers` do. */
export interface Layers {
  /** Keras' own `GroupNormalization`. */
  readonly groupNormalization: (args?: GroupNormArgs) => Layer;
  /** `InstanceNormalization` of TensorFlow Addons. */
  readonly instanceNormalization: (args?: NormArgs) => Layer;
  /** `GDN` of TensorFlow Compression. */
  readonly gdn: (args?: GdnArgs) => Layer;
}

/**
 * Registers the layers, so that `tf.loadLayersModel` loads models that have them: group normalization of
 * Keras and of TensorFlow Addons, instance normalization of TensorFlow Addons, and GDN of TensorFlow
 * Compression. Layers registered under these names before are replaced.
 *
 * @param tf TensorFlow.js, with any backend whose tensors can be read without waiting.
 * @param runtime Where the layers compute: wasm or cpu. It must last as long as they are used.
 * @returns Functions that make such layers.
 * @throws {TypeError} If the runtime is on a graphics card.
 */
export function registerLayers(tf: Tf, runtime: Runtime): Layers {
  eager(runtime); // refuses what the layers could not use, before one is built
  const KerasGroupNormalization = normClass(tf, runtime, {
    className: "GroupNormalization",
    weighs: true,
  });
  const GroupNormalization = normClass(tf, runtime, { className: "Addons>GroupNormalization" });
  const InstanceNormalization = normClass(tf, runtime, {
    className: "Addons>InstanceNormalization",
    instance: true,
  });
  const GDN = gdnClass(tf, runtime, "tensorflow_compression>GDN");
  const names: [LayerClass<never>, readonly string[]][] = [
    [KerasGroupNormalization, []],
    [GroupNormalization, []],
    [InstanceNormalization, ["InstanceNormalization"]],
    [GDN, ["GDN", "tensorflowCompression>GDN"]],
  ];
  for (const [layer, others] of names) {
    tf.serialization.registerClass(layer);
    // Keras' to_json leaves out the package, and TensorFlow.js turns "a_b" that it reads into "aB".
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    for (const name of others) classNameMap[name] = classNameMap[layer.className];
  }
  return {
    groupNormalization: (args) => new KerasGroupNormalization(args),
    instanceNormalization: (args) => new InstanceNormalization(args),
    gdn: (args) => new GDN(args),
  };
}
