/**
 * What group norm pools: the channels of a group, and the positions.
 *
 * @module
 */
import { resolveAxes } from "../plan/view.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Part } from "./parts.ts";

/**
 * The parts of a tensor whose sets are groups of channels: the channels of a group are pooled, and
 * of the other axes those named, by default all but the batch axis.
 */
export function groupParts(
  action: string,
  x: AnyTensor,
  channelsAxis: number,
  groups: number,
  reductionAxes: readonly number[] | undefined,
): Part[] {
  const channels = x.shape[channelsAxis];
  const count = groups === -1 ? channels : groups;
  if (!(Number.isInteger(groups) && (groups === -1 || groups >= 1))) {
    throw new RangeError(
      `Cannot ${action}: groups must be an integer >= 1 or -1, got ${shown(groups)}`,
    );
  }
  if (channels > 0 && (count > channels || channels % count !== 0)) {
    throw new RangeError(
      `Cannot ${action}: groups must divide the ${channels} channels of x, got ${groups}; ` +
        "the default is 32 groups, and -1 is one per channel",
    );
  }
  const pooled = reductionAxes === undefined
    ? x.shape.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== channelsAxis)
    : resolveAxes(action, "reductionAxes", reductionAxes, x.shape.length);
  if (pooled.includes(channelsAxis)) {
    throw new TypeError(
      `Cannot ${action}: reductionAxes must not hold the channels axis ${channelsAxis}, got [${
        reductionAxes!.join(", ")
      }]`,
    );
  }
  return x.shape.flatMap((size, axis): Part[] =>
    axis === channelsAxis
      ? [
        { size: count, pooled: false, channel: "group" },
        { size: channels / count, pooled: true, channel: "member" },
      ]
      : [{ size, pooled: pooled.includes(axis) }]
  );
}
