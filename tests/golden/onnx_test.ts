import { describe } from "@std/testing/bdd";
import {
  batchNorm,
  batchNormFromOnnx,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
} from "../../mod.ts";
import { itAgrees, itAgreesAsItIs } from "./agree.ts";
import { casesOf } from "./read.ts";

const CASES = await casesOf("onnx_reference");
const casesFor = (op: string) => CASES.filter((one) => one.op === op);

describe("BatchNormalization of ONNX", () => {
  for (const one of casesFor("BatchNormalization")) {
    const imported = batchNormFromOnnx({ ...one.params, ...one.state }, one.options);
    itAgrees(one, 1, async ({ runtime, x, dataFormat }) => {
      const options = { ...imported.options, dataFormat, runtime };
      const { y, state } = await batchNorm(x, imported.params, imported.state, options);
      return { y, next: { running_mean: state.movingMean, running_var: state.movingVariance } };
    });
  }
});

describe("GroupNormalization of ONNX", () => {
  for (const one of casesFor("GroupNormalization")) {
    const { num_groups: groups, epsilon = 1e-5 } = one.options;
    const { scale: gamma, bias: beta } = one.params;
    itAgrees(one, 1, async ({ runtime, x, dataFormat }) => ({
      y: await groupNorm(x, { gamma, beta }, { groups, epsilon, dataFormat, runtime }),
    }));
  }
});

describe("InstanceNormalization of ONNX", () => {
  for (const one of casesFor("InstanceNormalization")) {
    const { epsilon = 1e-5 } = one.options;
    const { scale: gamma, B: beta } = one.params;
    itAgrees(one, 1, async ({ runtime, x, dataFormat }) => ({
      y: await instanceNorm(x, { gamma, beta }, { epsilon, dataFormat, runtime }),
    }));
  }
});

describe("LayerNormalization of ONNX", () => {
  for (const one of casesFor("LayerNormalization")) {
    const { axis = -1, epsilon = 1e-5 } = one.options;
    const { scale: gamma, B: beta } = one.params;
    itAgreesAsItIs(one, async ({ runtime, x }) => {
      const rank = x.shape.length;
      // The first of the last axes that are normalised together.
      const first = axis < 0 ? axis : axis - rank;
      const axes = Array.from({ length: -first }, (_, i) => first + i);
      return { y: await layerNorm(x, { gamma, beta }, { axes, epsilon, runtime }) };
    });
  }
});

describe("RMSNormalization of ONNX", () => {
  for (const one of casesFor("RMSNormalization")) {
    const { epsilon = 1e-5 } = one.options;
    itAgrees(one, -1, async ({ runtime, x, dataFormat }) => ({
      y: await rmsNorm(x, { gamma: one.params.scale }, { epsilon, dataFormat, runtime }),
    }));
  }
});
