import {
  batchNorm,
  createRuntime,
  gdn,
  initBatchNorm,
  initGdn,
  pipeline,
  type Tensor,
} from "../../mod.ts";
import { type AdamState, initAdam } from "../../ops/training/mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { skipOf } from "../support/backends.ts";
import { counting } from "../support/counting.ts";
import { randomTensor } from "../support/random.ts";

describe("webgpu", () => {
  const skip = skipOf("webgpu");
  const test = skip === undefined ? it : it.skip;

  test(`builds nothing for a second call, submits once and reads back once${skip ?? ""}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const methods = [
      [GPUDevice, "createShaderModule"],
      [GPUDevice, "createComputePipeline"],
      [GPUQueue, "submit"],
      [GPUBuffer, "mapAsync"],
    ] as const;
    const x = randomTensor([2, 6, 5, 8], { seed: 3 });
    const { params, state } = initBatchNorm(8);
    const variables = initGdn(8);
    const three = pipeline((ops, x: Tensor) => {
      const h = ops.groupNorm(ops.gdn(x, variables), {}, {
        groups: 2,
        center: false,
        scale: false,
      });
      return ops.batchNorm(h, params, state);
    }, { runtime });
    const dy = randomTensor(x.shape, { seed: 4 });
    const start = { gdn: variables, norm: params };
    // Forward, backward and the update of the parameters.
    const step = pipeline((ops, input: { x: Tensor; state: AdamState<typeof start> }) => {
      const first = ops.gdnVjp(input.x, variables);
      const second = ops.batchNormVjp(first.y, params, state, { activation: "relu" });
      const back = second.vjp(ops.sub(second.y, dy));
      const { params: gdn } = first.vjp(back.x);
      const grads = { gdn, norm: back.params };
      return { norm: second.state, step: ops.adam(start, grads, input.state) };
    }, { runtime });
    const adamState = initAdam(start);
    const calls = [
      () => gdn(x, variables, { runtime }),
      () => batchNorm(x, params, state, { dataFormat: "NHWC", runtime }),
      () => three(x),
      () => step({ x, state: adamState }),
    ];
    for (const call of calls) {
      await call();
      assertEquals(await counting(methods, call), {
        createShaderModule: 0,
        createComputePipeline: 0,
        submit: 1,
        mapAsync: 1,
      });
    }
  });
});
