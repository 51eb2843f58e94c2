import {
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  initGdn,
  pipeline,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { type AdamState, initAdam } from "../../../ops/training/mod.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { skipOf } from "../../support/backends.ts";
import { counting } from "../../support/counting.ts";
import { randomTensor } from "../../support/random.ts";

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

describe("webgpu", () => {
  test(`builds nothing for a second call, submits once and reads back once${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const methods = [
      [GPUDevice, "createBindGroup"],
      [GPUDevice, "createBuffer"],
      [GPUDevice, "createComputePipeline"],
      [GPUDevice, "createShaderModule"],
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
    // The constants of plans that are built later take buffers that earlier ones had.
    for (const call of [...calls, ...calls]) await call();
    // Whatever ran in between.
    for (const call of [...calls, ...calls.slice().reverse()]) {
      assertEquals(await counting(methods, call), {
        createBindGroup: 0,
        createBuffer: 0,
        createComputePipeline: 0,
        createShaderModule: 0,
        submit: 1,
        mapAsync: 1,
      });
    }
  });

  test(`holds no more after hundreds of runs, several of them at once${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const x = randomTensor([2, 6, 5, 8], { seed: 5 });
    const turn = async () => {
      await Promise.all([1, 2, 3].map(() => gdn(x, initGdn(8), { runtime })));
    };
    for (let i = 0; i < 5; i++) await turn();
    const { bytesHeld } = runtime.stats();
    assert(bytesHeld > 0);
    for (let i = 0; i < 100; i++) await turn();
    assertEquals(runtime.stats().bytesHeld, bytesHeld);
  });

  test(`compiles a shader once for all plans that have it${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const modules = [[GPUDevice, "createShaderModule"]] as const;
    const x = randomTensor([2, 6, 5, 8], { seed: 6 });
    const add = pipeline((ops, x: Tensor) => ops.add(x, x), { runtime });
    const twice = pipeline((ops, x: Tensor) => ops.add(ops.add(x, x), ops.add(x, x)), { runtime });
    assertEquals(await counting(modules, () => add(x)), { createShaderModule: 1 });
    // One that adds a value to itself, and one that adds two values.
    assertEquals(await counting(modules, () => twice(x)), { createShaderModule: 1 });
  });

  test(`numbers cells that are more than one row of workgroups${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    // 65535 workgroups of 64, and some more.
    const length = 65535 * 64 + 1000;
    const x = tensor(Float32Array.from({ length }, (_, i) => i % 1000));
    const { data } = await pipeline((ops, x: Tensor) => ops.add(x, x), { runtime })(x);
    const wrong = data.findIndex((value, i) => value !== 2 * (i % 1000));
    assertEquals(wrong, -1);
  });

  test(`gives its device back${suffix}`, async () => {
    const destroyed = [[GPUDevice, "destroy"]] as const;
    const runtime = await createRuntime({ backend: "webgpu" });
    await gdn(randomTensor([1, 4], { seed: 7 }), initGdn(4), { runtime });
    assertEquals(await counting(destroyed, () => runtime.dispose()), { destroy: 1 });
  });
});

describe("an error of the device", () => {
  test(`rejects the run that it comes up in, and none after it${suffix}`, async () => {
    await using runtime = await createRuntime({ backend: "webgpu" });
    const x = randomTensor([2, 6, 5, 8], { seed: 8 });
    const expected = await gdn(x, initGdn(8), { runtime });
    const { createShaderModule } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function () {
      return createShaderModule.call(this, { code: "fn" });
    };
    const norm = () => groupNorm(x, {}, { groups: 2, runtime });
    try {
      await assertRejects(norm, Error, "Cannot run on webgpu: ");
    } finally {
      GPUDevice.prototype.createShaderModule = createShaderModule;
    }
    assertEquals(await gdn(x, initGdn(8), { runtime }), expected);
    assertEquals((await norm()).shape, x.shape);
  });
});
