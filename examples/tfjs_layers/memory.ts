/**
 * Models saved in memory.
 *
 * @module
 */
import type { Artifacts, Model, Tf } from "./tensorflow.ts";

/** Saves a model: `tf.loadLayersModel(tf.io.fromMemory(...))` loads what it returns. */
export async function saved(tf: Tf, model: Model): Promise<Artifacts> {
  const handler = tf.io.withSaveHandler((artifacts) => {
    const modelArtifactsInfo = tf.io.getModelArtifactsInfoForJSON(artifacts);
    return Promise.resolve({ modelArtifactsInfo, artifacts });
  });
  const { artifacts } = await model.save(handler) as unknown as { artifacts: Artifacts };
  return artifacts;
}
