/**
 * TensorFlow.js, as far as the layers know it: types only, so that a program brings its own copy.
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- only who checks or runs this example downloads them
import type * as core from "npm:@tensorflow/tfjs-core@4.22.0";
import type * as layers from "npm:@tensorflow/tfjs-layers@4.22.0";

/** The library: `@tensorflow/tfjs`, or `@tensorflow/tfjs-core` and `@tensorflow/tfjs-layers` in one. */
export type Tf = typeof core & typeof layers;

/** One of its tensors. */
export type TfTensor = core.Tensor;

/** One of its layers. */
export type Layer = InstanceType<Tf["layers"]["Layer"]>;

/** Makes layers of arguments A, and can be registered. */
export type LayerClass<A> =
  & (new (args?: A) => Layer)
  & core.serialization.SerializableConstructor<Layer>;

/** A model of layers. */
export type Model = layers.LayersModel;

/** A layer's weight. */
export type Weight = layers.LayerVariable;

/** What a saved model is made of. */
export type Artifacts = core.io.ModelArtifacts;

/** A shape with `null` where any size will do. */
export type Shape = layers.Shape;

/** What every layer is made from. */
export type LayerArgs = NonNullable<ConstructorParameters<Tf["layers"]["Layer"]>[0]>;

/** What a layer is saved as. */
export type Config = core.serialization.ConfigDict;

/** A class that the library can save and load. */
export type Serializable = core.serialization.Serializable;

/** What a layer is called with beside its inputs. */
export type CallArgs = Parameters<Layer["call"]>[1];

/** Makes the first value of a weight. */
export type Initializer = ReturnType<Tf["initializers"]["ones"]>;

/** Makes a loss of a weight. */
export type Regularizer = ReturnType<Tf["regularizers"]["l2"]>;

/** Moves a weight back to where it is allowed. */
export type Constraint = ReturnType<Tf["constraints"]["nonNeg"]>;
