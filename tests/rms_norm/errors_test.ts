import { assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { initRmsNorm, rmsNorm, rmsNormVjp, tensor } from "../../mod.ts";
import { assertRejected } from "../support/reject.ts";
import { flat, four, refuses, wrongTensors, x } from "../support/refusals.ts";

describe("rmsNorm", () => {
  refuses("apply rmsNorm", rmsNorm, [
    ...wrongTensors([]),
    ["rank 1", [flat], TypeError, "x must have rank 2 to 5, got shape (4,)"],
    [
      "a format for another rank",
      [x, {}, { dataFormat: "NDHWC" }],
      TypeError,
      "x must have rank 5 for dataFormat NDHWC, got shape (2, 3, 4)",
    ],
    [
      "an unknown format",
      [x, {}, { dataFormat: "HWC" }],
      TypeError,
      "dataFormat must be one of NHWC, NCHW, channelsLast, channelsFirst, NWC, NCW, NDHWC, NCDHW, " +
      "got HWC",
    ],
    ["a short gamma", [x, { gamma: [1] }], TypeError, "gamma must have shape (4,), got (1,)"],
    ["beta", [x, { beta: four }], TypeError, "params must have keys among gamma, got beta"],
    [
      "a negative epsilon",
      [x, {}, { epsilon: -1 }],
      RangeError,
      "epsilon must be a finite number >= 0, got -1",
    ],
    [
      "an unknown option",
      [x, {}, { activation: "relu" }],
      TypeError,
      "options must have keys among dataFormat, epsilon, runtime, got activation",
    ],
    ["an argument too many", [x, {}, {}, 1], TypeError, "arguments must be at most 3, got 4"],
  ]);
});

describe("rmsNormVjp", () => {
  it("refuses a cotangent of another shape", async () => {
    const { vjp } = await rmsNormVjp(x);
    await assertRejected(
      () => vjp(tensor([[1, 2]])),
      TypeError,
      "Cannot pull back rmsNorm: dy must have shape (2, 3, 4), got (1, 2)",
    );
  });

  it("takes no other parameter than gamma", async () => {
    // @ts-expect-error -- there is no beta
    const call = () => rmsNormVjp(x, { beta: four });
    await assertRejected(
      call,
      TypeError,
      "Cannot apply rmsNorm: params must have keys among gamma, got beta",
    );
  });
});

describe("initRmsNorm", () => {
  it("refuses what is no number of channels, and unknown options", () => {
    assertThrows(
      () => initRmsNorm(0),
      RangeError,
      "Cannot initialize rmsNorm: channels must be an integer >= 1, got 0",
    );
    assertThrows(
      () =>
        initRmsNorm(2, { initializers: { beta: () => flat } as unknown as Record<string, never> }),
      TypeError,
      "Cannot initialize rmsNorm: initializers must have keys among gamma, got beta",
    );
  });
});
