/**
 * What is measured, and where each size comes from. Data only.
 *
 * @module
 */

/** What a workload does. */
export type Operation =
  | "gdn"
  | "groupNorm"
  | "batchNormTraining"
  | "batchNormInference"
  | "layerNorm"
  | "rmsNorm"
  | "instanceNorm"
  | "pipeline";

/** One race: all contenders do this. */
export interface Workload {
  readonly id: string;
  readonly operation: Operation;
  /** Shape of x in the order of its format. */
  readonly shape: readonly number[];
  readonly format: "NHWC" | "NCHW";
  readonly inverse?: boolean;
  /** Whether the cotangents of x and of the parameters (beta before gamma) are computed with y. */
  readonly backward?: boolean;
  /** Whether everything is opened and compiled again for each run. */
  readonly first?: boolean;
  /** Where the size comes from. */
  readonly from: string;
}

const formats = ["NHWC", "NCHW"] as const;

/** A shape given as NHWC in the order of a format. */
function ordered([n, h, w, c]: readonly number[], format: "NHWC" | "NCHW"): readonly number[] {
  return format === "NHWC" ? [n, h, w, c] : [n, c, h, w];
}

function inBoth(
  operation: Operation,
  stem: string,
  sizes: readonly (readonly [shape: readonly number[], from: string])[],
): Workload[] {
  return sizes.flatMap(([shape, from]) =>
    formats.map((format) => ({
      id: `${stem} ${shape.join("x")} ${format}`,
      operation,
      shape: ordered(shape, format),
      format,
      from,
    }))
  );
}

const GDN = [
  [[1, 64, 64, 192], "latents of a 1024 x 1024 image: Balle et al. 2018, N = 192"],
  [[1, 256, 256, 128], "first layer of the same codec, N = 128"],
] as const;

const FEATURES = [
  [[8, 56, 56, 64], "ResNet-50, first stage, batch of 8"],
  [[32, 14, 14, 256], "ResNet-50, third stage, batch of 32"],
] as const;

const STYLE = [
  [[4, 256, 256, 32], "fast style transfer: Ulyanov et al. 2016, first layer"],
] as const;

const LAYER_NORM: Workload = {
  id: "layerNorm 512x768",
  operation: "layerNorm",
  shape: [512, 768],
  format: "NHWC",
  from: "BERT base: 512 tokens of 768",
};

const RMS_NORM: Workload = {
  id: "rmsNorm 512x2048",
  operation: "rmsNorm",
  shape: [512, 2048],
  format: "NHWC",
  from: "TinyLlama 1.1B: 512 tokens of 2048",
};

/** All workloads. */
export const workloads: readonly Workload[] = [
  ...inBoth("gdn", "gdn", GDN),
  ...inBoth("gdn", "igdn", [[[1, 64, 64, 192], "the decoder of the same codec"]])
    .map((workload) => ({ ...workload, inverse: true })),
  ...inBoth("groupNorm", "groupNorm 32", FEATURES),
  ...inBoth("batchNormInference", "batchNorm inference", FEATURES),
  ...inBoth("batchNormTraining", "batchNorm training", FEATURES),
  LAYER_NORM,
  RMS_NORM,
  ...inBoth("instanceNorm", "instanceNorm", STYLE),
  ...[
    ...inBoth("gdn", "gdn", GDN.slice(0, 1)),
    ...inBoth("batchNormTraining", "batchNorm training", FEATURES.slice(0, 1)),
    ...inBoth("groupNorm", "groupNorm 32", FEATURES.slice(0, 1)),
    ...inBoth("instanceNorm", "instanceNorm", STYLE),
    LAYER_NORM,
    RMS_NORM,
  ].map((workload) => ({
    ...workload,
    id: `${workload.id}, both ways`,
    backward: true,
    from: `a training step through it: ${workload.from}`,
  })),
  {
    id: "pipeline gdn, groupNorm, batchNorm 8x28x28x64",
    operation: "pipeline",
    shape: [8, 28, 28, 64],
    format: "NHWC",
    from: "three ops in a row as one plan",
  },
  ...inBoth("batchNormInference", "tiny batchNorm inference", [
    [[1, 4, 4, 16], "the cost of a call"],
  ]),
  ...inBoth("groupNorm", "tiny groupNorm", [[[1, 4, 4, 32], "the cost of a call"]]),
  ...(["gdn", "groupNorm", "batchNormTraining"] as const).map((operation) => ({
    id: `first call ${operation}`,
    operation,
    shape: [1, 16, 16, 32],
    format: "NHWC" as const,
    first: true,
    from: "opening, compiling and one run",
  })),
];

/** Elements of a workload's x. */
export function elementsOf({ shape }: Workload): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Channels of a workload's x. */
export function channelsOf({ shape, format }: Workload): number {
  return format === "NHWC" ? shape.at(-1)! : shape[1];
}

/** Floating-point operations that count: those of GDN's matrix, which both ways take three times. */
export function operationsOf(workload: Workload): number {
  if (workload.operation !== "gdn") return 0;
  return (workload.backward ? 3 : 1) * 2 * elementsOf(workload) * channelsOf(workload);
}

/** Bytes that cannot be avoided: x in, y out, and both of their cotangents. */
export function bytesOf(workload: Workload): number {
  return (workload.backward ? 4 : 2) * 4 * elementsOf(workload);
}
