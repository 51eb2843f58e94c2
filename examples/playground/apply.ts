/**
 * The call of the library that the controls describe.
 *
 * @module
 */
import {
  batchNorm,
  gdn,
  groupNorm,
  initBatchNorm,
  instanceNorm,
  layerNorm,
  type Runtime,
  type Tensor,
} from "../../mod.ts";
import { contrastParams, inverseParams } from "../demo/patches.ts";
import type { Settings } from "./settings.ts";
import { channelsLast } from "./tensors.ts";

/** The op, ready to be called again and again on one backend. */
export async function callOf(
  x: Tensor,
  settings: Settings,
  runtime: Runtime,
): Promise<() => Promise<Tensor>> {
  const { op, dataFormat, groups, stabiliser: epsilon } = settings;
  const options = { dataFormat, epsilon, runtime };
  switch (op) {
    case "gdn":
    case "igdn":
      return await gdnCallOf(x, settings, runtime);
    case "groupNorm":
      return () => groupNorm(x, {}, { ...options, groups });
    case "instanceNorm":
      return () => instanceNorm(x, {}, options);
    case "layerNorm":
      return () => layerNorm(x, {}, { epsilon, runtime });
    case "batchNorm": {
      const { state } = initBatchNorm(x.shape[dataFormat === "NHWC" ? 3 : 1]);
      return async () => (await batchNorm(x, {}, state, options)).y;
    }
  }
}

/** IGDN that follows GDN has weights that depend on what GDN answers; they are found only once. */
async function gdnCallOf(
  x: Tensor,
  { op, dataFormat, alpha, epsilon, back }: Settings,
  runtime: Runtime,
): Promise<() => Promise<Tensor>> {
  const params = contrastParams();
  const options = {
    dataFormat,
    alphaParameter: alpha,
    epsilonParameter: epsilon,
    runtime,
  };
  if (op === "igdn") return () => gdn(x, params, { ...options, inverse: true });
  const forward = () => gdn(x, params, options);
  if (!back) return forward;
  if (alpha !== 2 || epsilon !== 0.5) {
    throw new RangeError(
      `Cannot go back by IGDN: its weights are fitted for alpha 2 and epsilon 0.5, got ${alpha} and ${epsilon}`,
    );
  }
  const y = await forward();
  const inverse = inverseParams((dataFormat === "NHWC" ? y : channelsLast(y)).data);
  return async () => await gdn(await forward(), inverse, { ...options, inverse: true });
}
