/**
 * What the demo computes on one backend, and the same in float64.
 *
 * @module
 */
import {
  type BatchNormState,
  gdn,
  initBatchNorm,
  pipeline,
  type Runtime,
  type Tensor,
} from "../../mod.ts";
import { batchNorm as batchNorm64, type BatchNormState64 } from "../../tests/oracle/batch_norm.ts";
import { gdn as gdn64 } from "../../tests/oracle/gdn.ts";
import { groupNorm as groupNorm64 } from "../../tests/oracle/group_norm.ts";
import { CHANNELS, contrastParams, inverseParams } from "./patches.ts";

/** Groups of the group norm: the rows of a neighbourhood. */
const GROUPS = 5;

/** Weight of the old moving statistics from tile to tile. */
const DECAY = 0.9;

/** The results of every stage: divided, multiplied back, and the tiles' norms. */
export interface Results {
  readonly forward: ArrayLike<number>;
  readonly back: ArrayLike<number>;
  readonly groups: ArrayLike<number>[];
  readonly batches: ArrayLike<number>[];
  readonly movingMean: ArrayLike<number>;
  readonly movingVariance: ArrayLike<number>;
}

/** Says which stage is at work. */
export type Progress = (stage: string) => void;

/** Runs all stages on a backend. */
export async function runStages(
  x: Tensor,
  tiles: readonly Tensor[],
  runtime: Runtime,
  progress: Progress,
): Promise<Results> {
  progress("GDN");
  const forward = await gdn(x, contrastParams(), { runtime });
  progress("IGDN");
  const back = await gdn(forward, inverseParams(forward.data), { inverse: true, runtime });
  const step = pipeline((ops, { tile, state }: { tile: Tensor; state: BatchNormState }) => ({
    group: ops.groupNorm(tile, {}, { groups: GROUPS }),
    batch: ops.batchNorm(tile, {}, state, { decay: DECAY }),
  }), { runtime });
  let { state }: { state: BatchNormState<Tensor> } = initBatchNorm(CHANNELS);
  const groups: Float32Array[] = [];
  const batches: Float32Array[] = [];
  for (const [i, tile] of tiles.entries()) {
    progress(`tile ${i + 1} of ${tiles.length}`);
    const { group, batch } = await step({ tile, state });
    groups.push(group.data);
    batches.push(batch.y.data);
    state = batch.state as BatchNormState<Tensor>;
  }
  const movingMean = state.movingMean.data;
  const movingVariance = state.movingVariance.data;
  return { forward: forward.data, back: back.data, groups, batches, movingMean, movingVariance };
}

/** All stages by the float64 oracle, each on the float32 inputs that the backends get. */
export function referenceStages(
  x: Tensor,
  tiles: readonly Tensor[],
  progress: Progress,
): Results {
  progress("GDN");
  const params = contrastParams();
  const forward = gdn64(x, params.beta.data, params.gamma.data);
  progress("IGDN");
  const rounded = { shape: x.shape, data: Float32Array.from(forward.data) };
  const inverse = inverseParams(rounded.data);
  const back = gdn64(rounded, inverse.beta.data, inverse.gamma.data, { inverse: true });
  let state: BatchNormState64 = {
    movingMean: new Float64Array(CHANNELS),
    movingVariance: new Float64Array(CHANNELS).fill(1),
  };
  const groups: Float64Array[] = [];
  const batches: Float64Array[] = [];
  for (const [i, tile] of tiles.entries()) {
    progress(`tile ${i + 1} of ${tiles.length}`);
    const options = { groups: GROUPS, reductionAxes: [1, 2], epsilon: 1e-6 };
    groups.push(groupNorm64(tile, options).data);
    const batch = batchNorm64(tile, state, { decay: DECAY, besselCorrected: true });
    batches.push(batch.y.data);
    state = batch.state;
  }
  return { forward: forward.data, back: back.data, groups, batches, ...state };
}

/** The largest differences of each stage. */
export function differences(actual: Results, expected: Results): Record<string, number> {
  const most = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let found = 0;
    for (let i = 0; i < b.length; i++) {
      const by = Math.abs(a[i] - b[i]);
      if (!(by <= found)) found = by;
    }
    return found;
  };
  const mostOf = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]) =>
    Math.max(...b.map((expected, i) => most(a[i], expected)));
  return {
    GDN: most(actual.forward, expected.forward),
    IGDN: most(actual.back, expected.back),
    "group norm": mostOf(actual.groups, expected.groups),
    "batch norm": mostOf(actual.batches, expected.batches),
    state: Math.max(
      most(actual.movingMean, expected.movingMean),
      most(actual.movingVariance, expected.movingVariance),
    ),
  };
}
