/**
 * Which kernels exist: one row per template function, one kernel per combination of the row's
 * values. Tests and benches loop over exactly these; names are explained in manifest.ts.
 *
 * @module
 */
import { activations } from "../ops/norm/activations.ts";
import type { Row } from "./manifest.ts";

const formats = ["channelsLast", "channelsFirst"] as const;

/** The forms of |x|^alpha and of u^epsilon. */
const pools = ["square", "absolute", "power"];
const roots = ["square", "one", "power"];

/** Bounds from below and from above; exponents, where the sign of whole powers is known. */
const sides = ["max", "min"];
const parities = ["any", "even", "odd"];

const weighted = { WEIGHTED: [false, true] };
/** Weights belong to samples, and samples are never innermost. */
const onlySamples = [{ format: "channelsFirst", WEIGHTED: true }];

/** Parameters of their own at every position exist where positions are innermost. */
const ownPositions = [
  { format: "channelsLast", PER_POSITION: true },
  { PER_SAMPLE: false, PER_POSITION: true },
];

/** The manifest. */
export const variants: readonly Row[] = [
  { template: "arithmetic", kernel: "absVjp", formats: ["flat"] },
  { template: "arithmetic", kernel: "biased", formats: ["channelsLast"] },
  { template: "arithmetic", kernel: "bounded", formats: ["flat"], holes: { SIDE: sides } },
  { template: "arithmetic", kernel: "boundedVjp", formats: ["flat"], holes: { SIDE: sides } },
  { template: "arithmetic", kernel: "divide", formats: ["flat"] },
  {
    template: "arithmetic",
    kernel: "elementary",
    formats: ["flat"],
    holes: { FUNCTION: ["abs", "exp", "log", "neg", "sqrt"] },
  },
  { template: "arithmetic", kernel: "raised", formats: ["flat"], holes: { PARITY: parities } },
  { template: "arithmetic", kernel: "raisedVjp", formats: ["flat"], holes: { PARITY: parities } },
  { template: "arithmetic", kernel: "rounded", formats: ["flat"] },
  { template: "arithmetic", kernel: "sqrtVjp", formats: ["flat"] },
  { template: "arithmetic", kernel: "squareVjp", formats: ["flat"] },
  { template: "arithmetic", kernel: "transposed", formats: ["channelsLast"] },
  { template: "batch_norm", kernel: "collectedWeight", formats: ["flat"] },
  { template: "batch_norm", kernel: "debiased", formats: ["flat"] },
  { template: "batch_norm", kernel: "deviation", formats: ["flat"] },
  { template: "batch_norm", kernel: "movingAverage", formats: ["flat"] },
  { template: "batch_norm", kernel: "renormOffset", formats: ["flat"] },
  { template: "batch_norm", kernel: "renormScale", formats: ["flat"] },
  { template: "batch_norm", kernel: "renormVariance", formats: ["flat"] },
  {
    template: "batch_norm",
    kernel: "variance",
    formats: ["flat"],
    holes: { UNBIASED: [false, true] },
  },
  { template: "constraints", kernel: "lengthFactor", formats: ["flat"] },
  { template: "constraints", kernel: "lengthSlope", formats: ["flat"] },
  { template: "cross_entropy", kernel: "crossEntropy", formats: ["channelsFirst"] },
  { template: "cross_entropy", kernel: "crossEntropyLabels", formats: ["channelsFirst"] },
  { template: "cross_entropy", kernel: "crossEntropyLogits", formats: ["channelsFirst"] },
  { template: "cross_entropy", kernel: "exponentials", formats: ["channelsFirst"] },
  { template: "cross_entropy", kernel: "largest", formats: ["channelsFirst"] },
  { template: "elementwise", kernel: "add", formats: ["flat"] },
  { template: "elementwise", kernel: "affine", formats: ["flat"] },
  { template: "elementwise", kernel: "multiply", formats: ["flat"] },
  { template: "elementwise", kernel: "spread", formats },
  { template: "elementwise", kernel: "subtract", formats: ["flat"] },
  { template: "gdn", kernel: "effective", formats: ["flat"] },
  {
    template: "gdn",
    kernel: "gdn",
    formats,
    // Four cells share what they read: faster on webgl2 (ADR 5), unused by our own compilers.
    lanes: [1, 4],
    holes: {
      INVERSE: [false, true],
      POOL: pools,
      ROOT: roots,
    },
  },
  { template: "gdn", kernel: "power", formats: ["flat"] },
  { template: "gdn", kernel: "rectify", formats: ["flat"] },
  { template: "gdn_vjp", kernel: "effectiveVjp", formats: ["flat"] },
  { template: "gdn_vjp", kernel: "gdnAlpha", formats: ["flat"], holes: { POOL: pools } },
  { template: "gdn_vjp", kernel: "gdnBack", formats },
  {
    template: "gdn_vjp",
    kernel: "gdnEpsilon",
    formats: ["flat"],
    holes: { INVERSE: [false, true], ROOT: roots },
  },
  {
    template: "gdn_vjp",
    kernel: "gdnInput",
    formats: ["flat"],
    holes: { INVERSE: [false, true], RECTIFY: [false, true], POOL: pools, ROOT: roots },
  },
  { template: "gdn_vjp", kernel: "gdnOuter", formats, holes: { POOL: pools } },
  {
    template: "gdn_vjp",
    kernel: "gdnOutput",
    formats: ["flat"],
    holes: { INVERSE: [false, true], ROOT: roots },
  },
  {
    template: "gdn_vjp",
    kernel: "gdnPull",
    formats: ["flat"],
    holes: { INVERSE: [false, true], ROOT: roots },
  },
  { template: "gdn_vjp", kernel: "gdnSum", formats, holes: { POOL: pools } },
  {
    template: "matmul",
    kernel: "matmul",
    formats: ["channelsLast"],
    holes: { TRANSPOSE_A: [false, true], TRANSPOSE_B: [false, true] },
  },
  { template: "moments", kernel: "centeredSquares", formats: ["flat"] },
  { template: "moments", kernel: "chunkDeviations", formats },
  { template: "moments", kernel: "chunkSquares", formats },
  { template: "moments", kernel: "compensatedSum", formats },
  { template: "moments", kernel: "deltaOf", formats: ["flat"] },
  { template: "moments", kernel: "lowOfMean", formats: ["flat"] },
  { template: "moments", kernel: "mergeMean", formats, holes: weighted, except: onlySamples },
  { template: "moments", kernel: "mergeSquares", formats, holes: weighted, except: onlySamples },
  { template: "moments", kernel: "uncenteredSquares", formats: ["flat"] },
  { template: "moments", kernel: "weightSum", formats: ["flat"] },
  {
    template: "norm_vjp",
    kernel: "activationVjp",
    formats: ["flat"],
    holes: { ACTIVATION: activations.filter((name) => name !== "none") },
  },
  { template: "norm_vjp", kernel: "chunkDot", formats },
  {
    template: "norm_vjp",
    kernel: "normInput",
    formats,
    holes: { PER_SAMPLE: [false, true], PER_POSITION: [false, true] },
    except: ownPositions,
  },
  { template: "norm_vjp", kernel: "normOffset", formats: ["flat"] },
  { template: "norm_vjp", kernel: "normPush", formats: ["flat"] },
  { template: "norm_vjp", kernel: "normShare", formats: ["channelsFirst"] },
  { template: "norm_vjp", kernel: "normSlope", formats: ["flat"] },
  { template: "norm_vjp", kernel: "normWeight", formats: ["flat"] },
  {
    template: "normalize",
    kernel: "normalize",
    formats,
    holes: {
      PER_SAMPLE: [false, true],
      PER_POSITION: [false, true],
      ACTIVATION: activations,
    },
    except: ownPositions,
  },
  {
    template: "normalize",
    kernel: "scale",
    formats: ["channelsFirst"],
    holes: { SCALED: [false, true] },
  },
  { template: "optimizers", kernel: "accelerate", formats: ["flat"] },
  { template: "optimizers", kernel: "accelerateDamped", formats: ["flat"] },
  { template: "optimizers", kernel: "adamStep", formats: ["flat"] },
  { template: "optimizers", kernel: "descend", formats: ["flat"] },
  { template: "optimizers", kernel: "movingSquare", formats: ["flat"] },
  { template: "rms_norm", kernel: "chunkShare", formats, holes: { SCALED: [false, true] } },
  { template: "rms_norm", kernel: "rmsGamma", formats },
  { template: "rms_norm", kernel: "rmsInput", formats, holes: { SCALED: [false, true] } },
  { template: "rms_norm", kernel: "rmsOutput", formats, holes: { SCALED: [false, true] } },
  { template: "rms_norm", kernel: "rmsSlope", formats: ["flat"] },
  { template: "shifts", kernel: "firstElement", formats },
  { template: "shifts", kernel: "middleElement", formats },
  { template: "shifts", kernel: "middleWeighted", formats: ["channelsLast"] },
  { template: "sums", kernel: "chunkSum", formats, holes: { SCALED: [false, true] } },
];
