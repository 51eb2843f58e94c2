import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batchNorm, initBatchNorm, tensor } from "../../mod.ts";
import { flat, refuses, wrongTensors, x } from "../support/refusals.ts";

describe("batchNorm", () => {
  const { params, state } = initBatchNorm(4);
  const renorm = initBatchNorm(4, { renorm: true }).state;
  const debias = initBatchNorm(4, { zeroDebiasMovingMean: true }).state;
  const summary = { count: tensor(5), mean: flat, m2: flat };
  // deno-lint-ignore no-explicit-any
  const call = (options: any, given: any = state) => [x, params, given, options];
  const both = (a: string, b: string) => `${a} must not be combined with ${b}, got both`;
  refuses("apply batchNorm", batchNorm, [
    ...wrongTensors([params, state]),
    ["decay above 1", call({ decay: 1.1 }), RangeError, "decay must be from 0 to 1, got 1.1"],
    ["decay NaN", call({ decay: NaN }), RangeError, "decay must be from 0 to 1, got NaN"],
    [
      "renormDecay below 0",
      call({ renormDecay: -0.1 }),
      RangeError,
      "renormDecay must be from 0 to 1, got -0.1",
    ],
    [
      "epsilon below 0",
      call({ epsilon: -1 }),
      RangeError,
      "epsilon must be a finite number >= 0, got -1",
    ],
    [
      "training in words",
      call({ training: "yes" }),
      TypeError,
      "training must be a boolean, got yes",
    ],
    ["fused null", call({ fused: null }), TypeError, "fused must be a boolean, got null"],
    [
      "unbiasedMovingVariance 1",
      call({ unbiasedMovingVariance: 1 }),
      TypeError,
      "unbiasedMovingVariance must be a boolean, got 1",
    ],
    [
      "decay 1 with zero debias",
      call({ zeroDebiasMovingMean: true, decay: 1 }, debias),
      RangeError,
      "decay must be < 1 with zeroDebiasMovingMean, got 1",
    ],
    [
      "renorm with zero debias",
      call({ renorm: true, zeroDebiasMovingMean: true }, renorm),
      TypeError,
      both("renorm", "zeroDebiasMovingMean"),
    ],
    [
      "renorm with weights",
      call({ renorm: true, batchWeights: [1, 1] }, renorm),
      TypeError,
      both("renorm", "batchWeights"),
    ],
    [
      "renorm with unbiased variance",
      call({ renorm: true, unbiasedMovingVariance: true }, renorm),
      TypeError,
      both("renorm", "unbiasedMovingVariance: true"),
    ],
    [
      "weights with moments",
      call({ batchWeights: [1, 1], moments: summary }),
      TypeError,
      both("batchWeights", "moments"),
    ],
    [
      "weights with unbiased variance",
      call({ batchWeights: [1, 1], unbiasedMovingVariance: true }),
      TypeError,
      both("batchWeights", "unbiasedMovingVariance: true"),
    ],
    [
      "moments in inference",
      call({ training: false, moments: summary }),
      TypeError,
      both("moments", "training: false"),
    ],
    [
      "an unknown clipping",
      call({ renorm: true, renormClipping: { dmin: 1 } }, renorm),
      TypeError,
      "renormClipping must have keys among rmin, rmax, dmax, got dmin",
    ],
    [
      "crossed clipping",
      call({ renormClipping: { rmin: 2, rmax: 1 } }),
      RangeError,
      "renormClipping.rmax must be >= rmin, got 1 and 2",
    ],
    [
      "a negative dmax",
      call({ renormClipping: { dmax: -1 } }),
      RangeError,
      "renormClipping.dmax must be >= 0, got -1",
    ],
    [
      "rmax NaN",
      call({ renormClipping: { rmax: NaN } }),
      RangeError,
      "renormClipping.rmax must be a finite number, got NaN",
    ],
    [
      "weights of another length",
      call({ batchWeights: [1, 1, 1] }),
      TypeError,
      "batchWeights must have shape (2,), got (3,)",
    ],
    [
      "a negative weight",
      call({ batchWeights: [2, -1] }),
      RangeError,
      "batchWeights must be finite numbers >= 0, got -1",
    ],
    [
      "a weight of NaN",
      call({ batchWeights: [2, NaN] }),
      RangeError,
      "batchWeights must be finite numbers >= 0, got NaN",
    ],
    [
      "weights of 0",
      call({ batchWeights: [0, 0] }),
      RangeError,
      "batchWeights must have a sum from 2^-126 to 2^120 over all elements, got 0",
    ],
    [
      "weights whose sum is no float32",
      call({ batchWeights: [3e38, 3e38] }),
      RangeError,
      "batchWeights must have a sum from 2^-126 to 2^120 over all elements, got 1.8000000032986535e+39",
    ],
    [
      "weights with next to no sum",
      call({ batchWeights: [1e-45, 1e-45] }),
      RangeError,
      "batchWeights must have a sum from 2^-126 to 2^120 over all elements, got 8.407790785948902e-45",
    ],
    [
      "moments of another length",
      call({ moments: { ...summary, mean: [1] } }),
      TypeError,
      "moments.mean must have shape (4,), got (1,)",
    ],
    [
      "moments of nothing",
      call({ moments: { ...summary, count: tensor(0) } }),
      RangeError,
      "moments.count must be a finite number > 0, got 0",
    ],
    [
      "moments without m2",
      call({ moments: { count: tensor(1), mean: flat } }),
      TypeError,
      "moments.m2 must be a tensor of float32 data, got undefined",
    ],
    [
      "an adjustment that does not fit",
      call({ adjustment: { scale: tensor([1, 2]), bias: flat } }),
      TypeError,
      "adjustment.scale must broadcast to shape (2, 3, 4), got (2,)",
    ],
    [
      "an adjustment without bias",
      call({ adjustment: () => ({ scale: flat }) }),
      TypeError,
      "adjustment.bias must be a tensor of float32 data, got undefined",
    ],
    [
      "an adjustment whose scale is a number",
      call({ adjustment: () => ({ scale: 2, bias: flat } as never) }),
      TypeError,
      "adjustment.scale must be a tensor of float32 data, got number",
    ],
    [
      "no state",
      call({}, null),
      TypeError,
      "state must come from initBatchNorm or an earlier call, got null",
    ],
    [
      "an empty state",
      call({}, {}),
      TypeError,
      "state.movingMean must be a tensor of float32 data, got undefined",
    ],
    [
      "a state of other channels",
      call({}, initBatchNorm(3).state),
      TypeError,
      "state.movingMean must have shape (4,), got (3,)",
    ],
    [
      "an unknown state",
      call({}, { ...state, mean: flat }),
      TypeError,
      "state must have keys among movingMean, movingVariance, debias, renorm, got mean",
    ],
    [
      "a state without renorm",
      call({ renorm: true }),
      TypeError,
      "state must have renorm { movingStddev, renormMean, renormStddev } with renorm: true, as initBatchNorm({ renorm: true }) makes it, got none",
    ],
    [
      "a state without debias",
      call({ zeroDebiasMovingMean: true }),
      TypeError,
      "state must have debias { biased, localStep } with zeroDebiasMovingMean: true, as initBatchNorm({ zeroDebiasMovingMean: true }) makes it, got none",
    ],
    [
      "half of a renorm state",
      call({ renorm: true }, { ...state, renorm: { movingStddev: flat } }),
      TypeError,
      "state.renorm.renormMean must be a tensor of float32 data, got undefined",
    ],
    [
      "a long local step",
      call({ zeroDebiasMovingMean: true }, { ...state, debias: { biased: flat, localStep: flat } }),
      TypeError,
      "state.debias.localStep must have shape (), got (4,)",
    ],
    [
      "scale without gamma",
      call({ scale: true }),
      TypeError,
      "params.gamma must be given with scale: true, got undefined",
    ],
    [
      "an unknown option",
      call({ momentum: 0.9 }),
      TypeError,
      "options must have keys among training, decay, center, scale, epsilon, dataFormat, activation, batchWeights, fused, unbiasedMovingVariance, zeroDebiasMovingMean, renorm, renormClipping, renormDecay, adjustment, moments, replicas, runtime, got momentum",
    ],
  ]);

  it("refuses unknown initial state", () => {
    const texts = [
      assertThrows(() => initBatchNorm(-1), RangeError).message,
      assertThrows(() => initBatchNorm(2, { initializers: { mean: 1 } as object }), TypeError)
        .message,
      assertThrows(() => initBatchNorm(2, { renorm: "on" as unknown as boolean }), TypeError)
        .message,
    ];
    assertEquals(texts, [
      "Cannot initialize batchNorm: channels must be an integer >= 1, got -1",
      "Cannot initialize batchNorm: initializers must have keys among beta, gamma, movingMean, movingVariance, got mean",
      "Cannot initialize batchNorm: renorm must be a boolean, got on",
    ]);
  });
});
