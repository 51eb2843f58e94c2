/**
 * What activations are called elsewhere.
 *
 * @module
 */
import { type Activation, activations } from "../../mod.ts";

/** An activation by TensorFlow's, Keras' or PyTorch's name, which has a line where ours has a capital. */
export function activationOf(name = "none"): Activation {
  const own = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const found = activations.find((activation) => activation === own);
  if (found === undefined) throw new Error(`Cannot test: ${name} must be an activation`);
  return found;
}
