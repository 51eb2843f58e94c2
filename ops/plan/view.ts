/**
 * Data formats, and the canonical view that every call is reduced to.
 *
 * @module
 */
import { readable } from "../tensor/arguments.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor } from "../tensor/types.ts";
import type { Size } from "./plan.ts";

/**
 * Where the channels are: on the last axis (`"channelsLast"`, `"NHWC"`, `"NWC"`, `"NDHWC"`) or on
 * axis 1 (`"channelsFirst"`, `"NCHW"`, `"NCW"`, `"NCDHW"`). `"NHWC"`, `"NCHW"` and the long names
 * hold for any rank; `"NWC"` and `"NCW"` are for rank 3, `"NDHWC"` and `"NCDHW"` for rank 5.
 */
export type DataFormat =
  | "NHWC"
  | "NCHW"
  | "channelsLast"
  | "channelsFirst"
  | "NWC"
  | "NCW"
  | "NDHWC"
  | "NCDHW";

/** For each data format where the channels are, and the only rank that it is for. */
const DATA_FORMATS: Readonly<
  Record<DataFormat, { readonly format: "channelsLast" | "channelsFirst"; readonly rank?: number }>
> = {
  NHWC: { format: "channelsLast" },
  NCHW: { format: "channelsFirst" },
  channelsLast: { format: "channelsLast" },
  channelsFirst: { format: "channelsFirst" },
  NWC: { format: "channelsLast", rank: 3 },
  NCW: { format: "channelsFirst", rank: 3 },
  NDHWC: { format: "channelsLast", rank: 5 },
  NCDHW: { format: "channelsFirst", rank: 5 },
};

/** The ranks that the ops with a data format take. */
const MIN_RANK = 2;
const MAX_RANK = 5;

/** A tensor of any rank as samples, channels and positions. */
export interface View {
  readonly rank: number;
  readonly format: "channelsLast" | "channelsFirst";
  readonly channelsAxis: number;
  /** The positions are the product of the spatial axes; 1 on rank 2. */
  readonly size: Size;
}

/**
 * The canonical view of `x` under a data format.
 *
 * @throws {TypeError} If the format is unknown or for another rank, or the rank is not 2 to 5.
 */
export function viewOf(action: string, x: AnyTensor, dataFormat: DataFormat): View {
  const rank = x.shape.length;
  if (!(rank >= MIN_RANK && rank <= MAX_RANK)) {
    throw new TypeError(
      `Cannot ${action}: x must have rank 2 to 5, got shape ${formatShape(x.shape)}`,
    );
  }
  if (typeof dataFormat !== "string" || !Object.hasOwn(DATA_FORMATS, dataFormat)) {
    throw new TypeError(
      `Cannot ${action}: dataFormat must be one of ${Object.keys(DATA_FORMATS).join(", ")}, got ${
        shown(dataFormat)
      }`,
    );
  }
  const known = DATA_FORMATS[dataFormat];
  if (known.rank !== undefined && known.rank !== rank) {
    throw new TypeError(
      `Cannot ${action}: x must have rank ${known.rank} for dataFormat ${dataFormat}, got shape ${
        formatShape(x.shape)
      }`,
    );
  }
  const channelsAxis = known.format === "channelsLast" ? rank - 1 : 1;
  return {
    rank,
    format: known.format,
    channelsAxis,
    size: {
      n: x.shape[0],
      c: x.shape[channelsAxis],
      s: sizeOf(x.shape.filter((_, axis) => axis !== 0 && axis !== channelsAxis)),
    },
  };
}

/**
 * An axis counted from the front.
 *
 * @throws {RangeError} If the axis is not an integer of the rank's range.
 */
export function resolveAxis(action: string, name: string, axis: number, rank: number): number {
  if (rank === 0) {
    throw new RangeError(
      `Cannot ${action}: ${name} must name no axis of shape (), got ${shown(axis)}`,
    );
  }
  if (!(Number.isInteger(axis) && axis >= -rank && axis < rank)) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be an integer from ${-rank} to ${rank - 1}, got ${
        shown(axis)
      }`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/**
 * A list of axes counted from the front, in ascending order.
 *
 * @throws {TypeError} If `axes` is not an array, or an axis occurs twice.
 * @throws {RangeError} If an axis is not an integer of the rank's range.
 */
export function resolveAxes(
  action: string,
  name: string,
  axes: readonly number[],
  rank: number,
): number[] {
  // Array.from, unlike map, sees holes.
  const list = readable(action, name, () => Array.isArray(axes) ? Array.from(axes) : undefined);
  if (list === undefined) {
    throw new TypeError(`Cannot ${action}: ${name} must be an array of axes, got ${shown(axes)}`);
  }
  const resolved = list.map((axis) => resolveAxis(action, name, axis, rank)).sort((a, b) => a - b);
  if (new Set(resolved).size !== resolved.length) {
    throw new TypeError(
      `Cannot ${action}: ${name} must name every axis once, got [${list.join(", ")}]`,
    );
  }
  return resolved;
}
