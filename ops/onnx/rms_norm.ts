/**
 * RMS norm as primitives: it became an operator in a later set.
 *
 * @module
 */
import type { RmsNormOptions, RmsNormParams } from "../rms_norm/options.ts";
import { checkRmsNorm } from "../rms_norm/rms_norm.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Value } from "./graph.ts";
import { overChannels } from "./axes.ts";
import { binary, power, reduce } from "./operators.ts";
import { rootOf } from "./primitives.ts";
import type { Writing } from "./writing.ts";

/** `x / sqrt(mean(x^2) + epsilon) * gamma`, as transformers are exported: runtimes know this pattern. */
export function writeRmsNorm(
  w: Writing,
  x: AnyTensor,
  params: RmsNormParams = {},
  options: RmsNormOptions = {},
): Value {
  const g = w.graph;
  const { params: { gamma }, epsilon, view } = checkRmsNorm(x, params, options);
  const value = w.valueOf("x", x);
  const channels = [view.channelsAxis];
  const squares = reduce(g, "ReduceMean", power(g, value, 2), channels);
  const y = binary(g, "Div", value, rootOf(g, squares, epsilon));
  if (gamma === undefined) return y;
  const scale = overChannels(g, w.valueOf("gamma", gamma), {
    x: value,
    pooled: channels,
    channels,
  });
  return binary(g, "Mul", y, scale);
}
