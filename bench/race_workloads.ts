/**
 * What is raced: the workloads that are also tracked, and those that only a race asks about.
 *
 * @module
 */
import { type Workload, workloads } from "./workloads.ts";

/** How a race calls a workload, where that is not one call after the other with the same x. */
export interface RaceWorkload extends Workload {
  /** Whether other work, which takes the caches to itself, goes before every call. */
  readonly rare?: boolean;
  /** What of x's shape is another at every call: a shape that nobody has compiled for. */
  readonly varies?: "samples" | "width";
}

/** As many operations for every number of channels. */
const SWEEP: readonly (readonly [side: number, channels: number])[] = [
  [192, 64],
  [96, 128],
  [48, 256],
  [32, 384],
  [24, 512],
  [16, 768],
  [12, 1024],
];

const sweep = SWEEP.flatMap(([side, channels]) =>
  (["NHWC", "NCHW"] as const).map((format): RaceWorkload => ({
    id: `gdn 1x${side}x${side}x${channels} ${format}`,
    operation: "gdn",
    shape: format === "NHWC" ? [1, side, side, channels] : [1, channels, side, side],
    format,
    from: "a sweep over channels: 302 million operations each",
  }))
);

const rare = workloads
  .filter(({ id, format }) => id.startsWith("tiny") && format === "NHWC")
  .map((workload): RaceWorkload => ({
    ...workload,
    id: workload.id.replace("tiny", "rare tiny"),
    rare: true,
    from: "the cost of a call once every 20 ms, among other work",
  }));

/** Their first shape is the largest. */
const varied: readonly RaceWorkload[] = [
  {
    id: "groupNorm 32, new batch sizes",
    operation: "groupNorm",
    shape: [255, 4, 4, 64],
    format: "NHWC",
    varies: "samples",
    from: "128 to 255 samples of 4x4x64, another number at every call",
  },
  {
    id: "groupNorm 32, new widths",
    operation: "groupNorm",
    shape: [2, 8, 255, 64],
    format: "NHWC",
    varies: "width",
    from: "2x8 rows of 128 to 255 positions of 64, another number at every call",
  },
  {
    id: "gdn, new widths",
    operation: "gdn",
    shape: [1, 8, 255, 64],
    format: "NHWC",
    varies: "width",
    from: "8 rows of 128 to 255 positions of 64, another number at every call",
  },
];

/** All that is raced. */
export const raceWorkloads: readonly RaceWorkload[] = [...workloads, ...sweep, ...rare, ...varied];

/** How many shapes there are, no two alike, and a step that goes through all of them. */
const SHAPES = 128;
const STEP = 37;

/**
 * A workload as it is at its n-th call.
 *
 * @throws {RangeError} If it would be seen again.
 */
export function atCall(workload: RaceWorkload, call: number): RaceWorkload {
  const { varies, shape } = workload;
  if (varies === undefined) return workload;
  if (call >= SHAPES) {
    throw new RangeError(
      `Cannot race ${workload.id}: rounds of all tries must be fewer than ${SHAPES}, as no shape may come twice`,
    );
  }
  const axis = varies === "samples" ? 0 : 2;
  const own = [...shape];
  own[axis] -= STEP * call % SHAPES;
  return { ...workload, shape: own };
}
