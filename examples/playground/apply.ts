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
import { CONTRAST_POOL, inversePool, type Pool, poolParams } from "../demo/patches.ts";
import type { Settings } from "./settings.ts";
import { channelsLast } from "./tensors.ts";

/** An op that can be called again and again on one backend. */
export interface Call {
  run(): Promise<Tensor>;
  /** The pool of IGDN that follows GDN. */
  readonly back?: Pool;
}

/** The op, ready to be called. */
export async function callOf(x: Tensor, settings: Settings, runtime: Runtime): Promise<Call> {
  const { op, dataFormat, groups, stabiliser: epsilon } = settings;
  const options = { dataFormat, epsilon, runtime };
  switch (op) {
    case "gdn":
    case "igdn":
      return await gdnCallOf(x, settings, runtime);
    case "groupNorm":
      return { run: () => groupNorm(x, {}, { ...options, groups }) };
    case "instanceNorm":
      return { run: () => instanceNorm(x, {}, options) };
    case "layerNorm":
      return { run: () => layerNorm(x, {}, { epsilon, runtime }) };
    case "batchNorm": {
      const { state } = initBatchNorm(x.shape[dataFormat === "NHWC" ? 3 : 1]);
      return { run: async () => (await batchNorm(x, {}, state, options)).y };
    }
  }
}

/** IGDN that follows GDN has weights that depend on GDN's result; they are found only once. */
async function gdnCallOf(
  x: Tensor,
  { op, dataFormat, alpha, epsilon, back }: Settings,
  runtime: Runtime,
): Promise<Call> {
  const params = poolParams(CONTRAST_POOL);
  const options = {
    dataFormat,
    alphaParameter: alpha,
    epsilonParameter: epsilon,
    runtime,
  };
  if (op === "igdn") return { run: () => gdn(x, params, { ...options, inverse: true }) };
  const forward = () => gdn(x, params, options);
  if (!back) return { run: forward };
  if (alpha !== 2 || epsilon !== 0.5) {
    throw new RangeError(
      `Cannot go back by IGDN: its weights are fitted for alpha 2 and epsilon 0.5, got ${alpha} and ${epsilon}`,
    );
  }
  const y = await forward();
  const pool = inversePool((dataFormat === "NHWC" ? y : channelsLast(y)).data);
  const inverse = poolParams(pool);
  return {
    run: async () => await gdn(await forward(), inverse, { ...options, inverse: true }),
    back: pool,
  };
}
