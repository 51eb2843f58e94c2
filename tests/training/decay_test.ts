import { createRuntime, tensor } from "../../mod.ts";
import {
  adam,
  type AdamOptions,
  type AdamState,
  adamw,
  type AdamWOptions,
  initAdam,
  initSgd,
  sgd,
  type SgdOptions,
} from "../../ops/training/mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { assertRejected } from "../support/reject.ts";

/** A few roundings of numbers of about 1. */
const TOLERANCE = 5e-7;

const scalar = (value: number) => tensor(Float32Array.of(value), []);

describe("adamw", () => {
  // The first step of Adam is one of learningRate, here 0.1; the decay is 0.1 weightDecay param.
  const params = { w: tensor([0.5, -2]) };
  const grads = { w: tensor([1, 1]) };

  for (
    const [options, expected] of [
      [{}, [0.5 - 0.1 - 0.1 * 0.01 * 0.5, -2 - 0.1 + 0.1 * 0.01 * 2]],
      [{ weightDecay: 0.1 }, [0.395, -2.08]],
      [{ weightDecay: 0 }, [0.4, -2.1]],
    ] as const
  ) {
    itOnEachBackend(`takes golden values, ${JSON.stringify(options)}`, async (runtime) => {
      const rates = { learningRate: 0.1, ...options, runtime };
      const step = await adamw(params, grads, initAdam(params), rates);
      assertClose(step.params.w.data, expected, TOLERANCE);
    });
  }

  itOnEachBackend("leaves the moments without the decay", async (runtime) => {
    const state = initAdam(params);
    const decayed = await adamw(params, grads, state, { weightDecay: 0.5, runtime });
    const plain = await adam(params, grads, state, { runtime });
    assertEquals(decayed.state, plain.state);
  });

  itOnEachBackend("has adam's bits without decay, and its state", async (runtime) => {
    const first = await adam(params, grads, initAdam(params), { runtime });
    const second = await adamw(first.params, grads, first.state, { weightDecay: 0, runtime });
    assertEquals(second, await adam(first.params, grads, first.state, { runtime }));
  });

  itOnEachBackend("is in pipelines what it is outside of them", async (_, backend) => {
    await using runtime = await createRuntime({ backend });
    const options = { learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.2 };
    type State = AdamState<typeof params>;
    const train = pipeline(
      (ops, input: { params: typeof params; state: State }) =>
        ops.adamw(input.params, grads, input.state, options),
      { runtime },
    );
    const state = initAdam(params);
    const once = await train({ params, state });
    assertEquals(once, await adamw(params, grads, state, { ...options, runtime }));
  });

  it("is what adam was with weightDecay", async () => {
    await assertRejected(
      () => adam(params, grads, initAdam(params), { weightDecay: 0.1 } as AdamOptions),
      TypeError,
      "Cannot step adam: options must have no weightDecay (use adamw), got 0.1",
    );
    const train = pipeline((ops, state: AdamState) =>
      // @ts-expect-error adam has no such option
      ops.adam(params, grads, state, { weightDecay: 0.1 })
    );
    await assertRejected(
      () => train(initAdam(params)),
      TypeError,
      "Cannot step adam: options must have no weightDecay (use adamw), got 0.1",
    );
  });

  it("refuses what it cannot take", async () => {
    const step = (options: AdamWOptions) => () => adamw(params, grads, initAdam(params), options);
    await assertRejected(
      step({ weightDecay: -1 }),
      RangeError,
      "Cannot step adamw: weightDecay must be a finite number >= 0, got -1",
    );
    await assertRejected(
      step({ beta1: 1 }),
      RangeError,
      "Cannot step adamw: beta1 must be from 0 to below 1, got 1",
    );
    await assertRejected(
      step({ lr: 1 } as AdamWOptions),
      TypeError,
      "Cannot step adamw: options must have keys among learningRate, beta1, beta2, epsilon, runtime, weightDecay, got lr",
    );
    await assertRejected(
      () => adamw(params, grads, { ...initAdam(params), step: tensor([1]) }),
      TypeError,
      "Cannot step adamw: state.step must have shape (), got (1,)",
    );
  });
});

describe("sgd", () => {
  const params = { w: tensor([1]) };
  const grads = { w: tensor([2]) };
  const running = { step: scalar(1), velocity: { w: tensor([1]) } };

  for (
    const [name, state, options, velocity, expected] of [
      ["L2", running, { momentum: 0.5, weightDecay: 0.5 }, 3, 0.7],
      ["L2 and nesterov", running, { momentum: 0.5, weightDecay: 0.5, nesterov: true }, 3, 0.6],
      ["dampening", running, { momentum: 0.5, dampening: 0.25 }, 2, 0.8],
      ["both", running, { momentum: 0.5, dampening: 0.25, weightDecay: 0.5 }, 2.375, 0.7625],
      [
        "both at first",
        initSgd(params),
        {
          momentum: 0.5,
          dampening: 0.25,
          weightDecay: 0.5,
        },
        2.5,
        0.75,
      ],
      ["dampening without momentum", running, { dampening: 0.25 }, 2, 0.8],
    ] as const
  ) {
    itOnEachBackend(`takes golden values with ${name}`, async (runtime) => {
      const rates = { learningRate: 0.1, ...options, runtime };
      const step = await sgd(params, grads, state, rates);
      assertClose(step.params.w.data, [expected], TOLERANCE);
      assertClose(step.state.velocity.w.data, [velocity], TOLERANCE);
      assertEquals(step.state.step, scalar(state.step.data[0] + 1));
      const train = pipeline(
        (ops) => ops.sgd(params, grads, state, { ...options, learningRate: 0.1 }),
        {
          runtime,
        },
      );
      assertEquals(await train({}), step);
    });
  }

  const step = (options: SgdOptions) => () => sgd(params, grads, initSgd(params), options);
  it("refuses what it cannot take", async () => {
    await assertRejected(
      step({ momentum: 0.9, nesterov: true, dampening: 0.1 }),
      RangeError,
      "Cannot step sgd: dampening must be 0 with nesterov: true, got 0.1",
    );
    await assertRejected(
      step({ dampening: 1 }),
      RangeError,
      "Cannot step sgd: dampening must be from 0 to below 1, got 1",
    );
    await assertRejected(
      step({ weightDecay: Infinity }),
      RangeError,
      "Cannot step sgd: weightDecay must be a finite number >= 0, got Infinity",
    );
    await assertRejected(
      () => sgd(params, grads, { ...initSgd(params), step: tensor([1]) }),
      TypeError,
      "Cannot step sgd: state.step must have shape (), got (1,)",
    );
  });
});
