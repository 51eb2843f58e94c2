import {
  type BatchNormOptions,
  batchNormVjp,
  type GroupNormOptions,
  groupNormVjp,
  initBatchNorm,
  initGroupNorm,
  initLayerNorm,
  type InitNormOptions,
  layerNormVjp,
  type NormParams,
  pipeline,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { adam, initAdam } from "../../ops/training/mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertRejected } from "../support/reject.ts";

const x = tensor([[1, 2], [4, 8]]);
const options = { groups: 1 };

/** The lengths of tensors, which must be there. */
const lengths = (...tensors: readonly Tensor[]) => tensors.map(({ data }) => data.length);

describe("what init functions return", () => {
  it("has the fields that the flags ask for", () => {
    const both = initGroupNorm(2);
    const layer = initLayerNorm([2, 3], { center: true });
    const { params } = initBatchNorm(2);
    const { params: scaled } = initBatchNorm(2, { center: false, scale: true });
    assertEquals(
      lengths(both.beta, both.gamma, layer.gamma, params.beta, scaled.gamma),
      [2, 2, 6, 2, 2],
    );
  });

  it("has no others, and optional ones where a flag is not known", () => {
    const unscaled = initGroupNorm(2, { scale: false });
    // @ts-expect-error there is no gamma
    assertEquals(unscaled.gamma, undefined);
    const { params } = initBatchNorm(2);
    // @ts-expect-error there is no gamma by default
    assertEquals(params.gamma, undefined);
    const given: InitNormOptions = { center: false };
    const loose = initGroupNorm(2, given);
    // @ts-expect-error beta may be missing
    const beta: Tensor = loose.beta;
    assertEquals(beta, undefined);
    assertEquals(loose.gamma?.shape, [2]);
  });
});

describe("cotangents of parameters", () => {
  it("are there for those that are given", async () => {
    const gamma = tensor([1, 2]);
    const group = await (await groupNormVjp(x, initGroupNorm(2), options)).vjp(x);
    const layer = await (await layerNormVjp(x, { gamma })).vjp(x);
    const { params, state } = initBatchNorm(2, { scale: true });
    const batch = await (await batchNormVjp(x, params, state)).vjp(x);
    assertEquals(lengths(group.params.beta, layer.params.gamma, batch.params.gamma), [2, 2, 2]);
    // @ts-expect-error none was given
    assertEquals(layer.params.beta, undefined);
  });

  it("are not there for those that a flag leaves out", async () => {
    const params = initGroupNorm(2);
    const { vjp } = await groupNormVjp(x, params, { ...options, center: false });
    const back = await vjp(x);
    // @ts-expect-error beta is not applied
    assertEquals(back.params.beta, undefined);
    assertEquals(lengths(back.params.gamma), [2]);
  });

  it("are optional where parameters or flags are not known", async () => {
    const given: NormParams = { gamma: [1, 2] };
    const loose = await (await groupNormVjp(x, given, options)).vjp(x);
    // @ts-expect-error beta may be missing
    const beta: Tensor = loose.params.beta;
    const flags: GroupNormOptions = { groups: 1, scale: false };
    const flagged = await (await groupNormVjp(x, initGroupNorm(2), flags)).vjp(x);
    // @ts-expect-error gamma may be missing
    const gamma: Tensor = flagged.params.gamma;
    const { params, state } = initBatchNorm(2);
    const batchFlags: BatchNormOptions = { center: false };
    const batch = await (await batchNormVjp(x, params, state, batchFlags)).vjp(x);
    // @ts-expect-error beta may be missing
    const batchBeta: Tensor = batch.params.beta;
    assertEquals([beta, gamma, batchBeta], [undefined, undefined, undefined]);
  });

  it("are gradients for optimizers, also in pipelines", async () => {
    const model = { norm: initGroupNorm(2) };
    const back = await (await groupNormVjp(x, model.norm, options)).vjp(x);
    const state = initAdam(model);
    const outside = await adam(model, { norm: back.params }, state, { learningRate: 0.1 });
    const train = pipeline((ops, input: { x: Tensor }) => {
      const { vjp } = ops.groupNormVjp(input.x, model.norm, options);
      const { params } = vjp(input.x);
      return ops.adam(model, { norm: params }, state, { learningRate: 0.1 });
    });
    assertEquals(lengths((await train({ x })).params.norm.gamma), [2]);
    assertEquals(lengths(outside.params.norm.beta), [2]);
  });
});

describe("parameters of norms", () => {
  it("have no other names", async () => {
    await assertRejected(
      // @ts-expect-error a misspelt name beside a right one
      () => groupNormVjp(x, { beta: [1, 2], gama: [1, 2] }, options),
      TypeError,
      "Cannot apply groupNorm: params must have keys among beta, gamma, got gama",
    );
    const { state } = initBatchNorm(2);
    await assertRejected(
      // @ts-expect-error a misspelt name beside a right one
      () => batchNormVjp(x, { beta: [1, 2], gama: [1, 2] }, state),
      TypeError,
      "Cannot apply batchNorm: params must have keys among beta, gamma, got gama",
    );
  });
});
