/**
 * The norms of PyTorch in float64, as its documentation defines them: by runs of neighbours, which
 * are what a layout with the channels on axis 1 pools.
 *
 * @module
 */

/** Scale and shift of one place; none when absent. */
interface Affine {
  readonly weight?: readonly number[];
  readonly bias?: readonly number[];
}

/**
 * torch.nn.GroupNorm: `y = (x - E[x]) / sqrt(Var[x] + eps) * weight + bias` over the channels of a
 * group and all positions; the biased variance.
 *
 * Source: torch.nn.GroupNorm of PyTorch 2's documentation.
 *
 * @param x Shape (N, C, *), row-major.
 * @param shape That shape.
 */
export function torchGroupNorm(
  x: readonly number[],
  shape: readonly number[],
  groups: number,
  eps: number,
  { weight, bias }: Affine,
): number[] {
  const channels = shape[1];
  const positions = shape.slice(2).reduce((product, extent) => product * extent, 1);
  const y = normalizedRuns(x, (channels / groups) * positions, eps);
  return y.map((value, i) => {
    const c = Math.floor(i / positions) % channels;
    return value * (weight?.[c] ?? 1) + (bias?.[c] ?? 0);
  });
}

/**
 * torch.nn.InstanceNorm1d, 2d and 3d without running statistics: the positions of one channel.
 *
 * Source: torch.nn.InstanceNorm2d of PyTorch 2's documentation.
 */
export function torchInstanceNorm(
  x: readonly number[],
  shape: readonly number[],
  eps: number,
  affine: Affine,
): number[] {
  return torchGroupNorm(x, shape, shape[1], eps, affine);
}

/**
 * torch.nn.InstanceNorm1d, 2d and 3d with running statistics, in eval mode.
 *
 * Source: torch.nn.InstanceNorm2d of PyTorch 2's documentation.
 */
export function torchTrackedInstanceNorm(
  x: readonly number[],
  shape: readonly number[],
  eps: number,
  { weight, bias }: Required<Affine>,
  running: { readonly mean: readonly number[]; readonly var: readonly number[] },
): number[] {
  const positions = shape.slice(2).reduce((product, extent) => product * extent, 1);
  return x.map((value, i) => {
    const c = Math.floor(i / positions) % shape[1];
    return (value - running.mean[c]) / Math.sqrt(running.var[c] + eps) * weight[c] + bias[c];
  });
}

/**
 * torch.nn.LayerNorm: the same over the last axes, with parameters for each of their elements.
 *
 * Source: torch.nn.LayerNorm of PyTorch 2's documentation.
 *
 * @param size The product of `normalized_shape`.
 */
export function torchLayerNorm(
  x: readonly number[],
  size: number,
  eps: number,
  { weight, bias }: Affine,
): number[] {
  return normalizedRuns(x, size, eps).map((value, i) =>
    value * (weight?.[i % size] ?? 1) + (bias?.[i % size] ?? 0)
  );
}

/** Each run of `length` neighbours, less its mean and by its deviation. */
function normalizedRuns(x: readonly number[], length: number, eps: number): number[] {
  return x.map((value, i) => {
    const start = i - i % length;
    const run = x.slice(start, start + length);
    const mean = run.reduce((sum, other) => sum + other, 0) / length;
    const variance = run.reduce((sum, other) => sum + (other - mean) ** 2, 0) / length;
    return (value - mean) / Math.sqrt(variance + eps);
  });
}
