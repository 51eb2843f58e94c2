/**
 * What is measured on a GPU, and how large. Data, and a little arithmetic over it.
 *
 * A workload is a small one of the other benches, repeated along the first axis as often as it takes
 * to fill a card: its answer is then that of the small one, repeated, and can be had in float64.
 *
 * @module
 */
import { elementsOf, operationsOf, type Workload } from "../workloads.ts";
import type { Work } from "./contender.ts";

/** A small workload, and how often it is repeated. */
export interface GpuWorkload {
  readonly id: string;
  readonly small: Workload;
  readonly repeats: number;
}

/** How large everything is. */
export type Size = "full" | "quick";

const MIB = 2 ** 20;
const formats = ["NHWC", "NCHW"] as const;

/** A small workload, and how large the tensors are that it becomes. */
interface Row {
  readonly operation: Workload["operation"];
  readonly name: string;
  /** In the order of NHWC; rows and features for layer norm. */
  readonly shape: readonly number[];
  readonly backward?: boolean;
  /** Repeats on a card. */
  readonly repeats: readonly number[];
  /** In place of the shape where a processor computes. */
  readonly quick: readonly number[];
}

/** 1 MiB: with 64 repeats 64 MiB, from where on a tensor is in no cache of today's cards. */
const FEATURES = {
  shape: [1, 64, 64, 64],
  repeats: [64, 256],
  quick: [1, 32, 32, 64],
} as const;
const STEP = { ...FEATURES, repeats: [64], backward: true } as const;
/** 0.75 MiB, tokens of BERT base. */
const TOKENS = {
  operation: "layerNorm",
  name: "layerNorm",
  shape: [256, 768],
  quick: [64, 768],
} as const;
/** 1024 positions: with 1024 repeats 2^20. */
const LATENTS = {
  operation: "gdn",
  name: "gdn",
  shape: [1, 32, 32, 192],
  quick: [1, 8, 8, 192],
} as const;

const ROWS: readonly Row[] = [
  { operation: "batchNormInference", name: "batchNorm inference", ...FEATURES },
  { operation: "batchNormTraining", name: "batchNorm training", ...FEATURES },
  { operation: "groupNorm", name: "groupNorm 32", ...FEATURES },
  { ...TOKENS, repeats: [86, 342] },
  { ...LATENTS, repeats: [1024] },
  { operation: "batchNormTraining", name: "batchNorm training", ...STEP },
  { operation: "groupNorm", name: "groupNorm 32", ...STEP },
  { ...TOKENS, repeats: [86], backward: true },
  // The gradients of GDN keep a dozen tensors as large as x.
  { ...LATENTS, repeats: [64], backward: true },
];

/** Repeats where a processor computes: two, so that repeating is seen to work. */
const QUICK = 2;

/**
 * The workloads.
 *
 * @param largest Bytes that a tensor may have on the device: workloads shrink until they fit.
 */
export function gpuWorkloads(size: Size, largest: number): GpuWorkload[] {
  const rows = size === "full" ? ROWS : ROWS.map((row) => ({
    ...row,
    shape: row.quick,
    repeats: [QUICK],
  }));
  const made = rows.flatMap((row) =>
    formatsOf(row).flatMap((format) => {
      const small = smallOf(row, format);
      return row.repeats.map((asked) => {
        const repeats = fitting(asked, 4 * elementsOf(small), largest);
        return { id: idOf(row, format, repeats), small, repeats };
      });
    })
  );
  // What had to shrink may be what another is already.
  return [...new Map(made.map((workload) => [workload.id, workload])).values()];
}

/** The largest number of repeats, halved from what is asked, of which the tensor fits. */
export function fitting(asked: number, bytes: number, largest: number): number {
  let repeats = asked;
  while (repeats > 1 && repeats * bytes > largest) repeats = Math.floor(repeats / 2);
  return repeats;
}

function formatsOf({ operation }: Row): readonly ("NHWC" | "NCHW")[] {
  return operation === "layerNorm" ? ["NHWC"] : formats;
}

function smallOf({ operation, name, shape, backward }: Row, format: "NHWC" | "NCHW"): Workload {
  return {
    id: name,
    operation,
    shape: ordered(shape, format),
    format,
    ...(backward && { backward }),
    from: "",
  };
}

/** A shape given as NHWC in the order of a format; rows of features are what they are. */
function ordered(shape: readonly number[], format: "NHWC" | "NCHW"): readonly number[] {
  if (format === "NHWC") return shape;
  const [n, h, w, c] = shape;
  return [n, c, h, w];
}

function idOf({ name, shape, backward }: Row, format: string, repeats: number): string {
  const size = [repeats * shape[0], ...shape.slice(1)].join("x");
  const named = `${name} ${size}${shape.length === 4 ? ` ${format}` : ""}`;
  return backward ? `${named}, both ways` : named;
}

/** The workload as it runs. */
export function largeOf({ id, small, repeats }: GpuWorkload): Workload {
  const [first, ...rest] = small.shape;
  return { ...small, id, shape: [repeats * first, ...rest] };
}

/** N: bytes of x. */
export function bytesOfX(workload: GpuWorkload): number {
  return 4 * elementsOf(largeOf(workload));
}

/**
 * How often the bytes of x must move. Batch norm at inference reads x and writes y. Statistics need a
 * reading of their own. Gradients read x and dy for their sums, both again, and write dx.
 */
export function movesOf({ small: { operation, backward = false } }: GpuWorkload): number {
  if (operation === "batchNormInference") return 2;
  return backward ? 8 : 3;
}

/** What a call is counted as: operations for GDN, bytes that must move for the norms. */
export function workOf(workload: GpuWorkload): Work {
  const operations = operationsOf(largeOf(workload));
  return operations > 0
    ? { amount: operations, unit: "FLOP" }
    : { amount: movesOf(workload) * bytesOfX(workload), unit: "B" };
}

/** What that is, in words. */
export function countedAs(workload: GpuWorkload): string {
  const mib = bytesOfX(workload) / MIB;
  const n = `N = ${mib >= 10 ? mib.toFixed(0) : mib.toPrecision(2)} MiB`;
  const { amount, unit } = workOf(workload);
  return unit === "FLOP"
    ? `${n}, counted as ${(amount / 1e9).toPrecision(3)} GFLOP`
    : `${n}, counted as ${movesOf(workload)}N`;
}
