import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import {
  batchNorm,
  createRuntime,
  gdn,
  gdnVjp,
  groupNorm,
  initBatchNorm,
  initGdn,
  instanceNorm,
  layerNorm,
  moments,
  rmsNormVjp,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";

/** A captured list, which stays as it is too. */
const BIAS = Object.freeze([1, 2, 3, 4, 5]);

/** Every op with everything that it can be given. */
const calls: Record<string, (input: Input, runtime: Runtime) => Promise<unknown>> = {
  gdn: ({ x, variables }, runtime) =>
    gdn(x, variables, { rectify: true, alphaParameter: 1.5, runtime }),
  gdnVjp: async ({ x, variables }, runtime) => {
    const { y, vjp } = await gdnVjp(x, variables, { alphaParameter: 1.5, runtime });
    return [y, await vjp(randomTensor(y.shape, { seed: 9 }))];
  },
  groupNorm: ({ x, affine }, runtime) => groupNorm(x, affine, { groups: 2, runtime }),
  instanceNorm: ({ x, affine }, runtime) => instanceNorm(x, affine, { runtime }),
  layerNorm: ({ x, affine }, runtime) => layerNorm(x, affine, { runtime }),
  rmsNormVjp: async ({ x, affine: { gamma } }, runtime) => {
    const { y, vjp } = await rmsNormVjp(x, { gamma }, { runtime });
    return [y, await vjp(randomTensor(y.shape, { seed: 9 }))];
  },
  batchNorm: ({ x, affine, state }, runtime) =>
    batchNorm(x, affine, state, { renorm: true, decay: 0.5, runtime }),
  "batchNorm in inference": ({ x, affine, state }, runtime) =>
    batchNorm(x, affine, state, { training: false, runtime }),
  "batchNorm, weighted and adjusted": ({ x, affine, state, weights }, runtime) => {
    const adjustment = { scale: tensor([2]), bias: affine.beta };
    return batchNorm(x, affine, state, { batchWeights: weights, adjustment, runtime });
  },
  moments: ({ x, weights }, runtime) => moments(x, { axes: [1], batchWeights: weights, runtime }),
  arithmetic: (input, runtime) =>
    pipeline((ops, { x, affine, weights }: Input) => {
      const h = ops.dense(x, { kernel: ops.transpose(ops.sum(x, [0])), bias: BIAS });
      // Of these some are x itself, under another name.
      const same = [ops.pow(x, 1), ops.sum(x, []), ops.reshape(x, [15, 4]), ops.pow(x, 0)];
      return [h, ops.div(x, affine.gamma), ops.unitNorm(x), ops.l2(x), same, weights];
    }, { runtime })(input),
  pipeline: (input, runtime) =>
    pipeline((ops, { x, affine, state }: Input) => {
      const h = ops.add(ops.layerNorm(x, affine), x);
      return [ops.batchNorm(h, affine, state, { renorm: true }), x];
    }, { runtime })(input),
};

interface Input {
  x: Tensor;
  affine: { gamma: Tensor; beta: Tensor };
  state: ReturnType<typeof initBatchNorm>["state"];
  variables: ReturnType<typeof initGdn>;
  weights: Float32Array;
}

function makeInput(seed = 1): Input {
  return {
    x: randomTensor([3, 5, 4], { seed, mean: 2 }),
    affine: {
      gamma: randomTensor([4], { seed: seed + 1 }),
      beta: randomTensor([4], { seed: seed + 2 }),
    },
    state: initBatchNorm(4, { renorm: true }).state,
    variables: initGdn(4),
    weights: new Float32Array([1, 0, 2]),
  };
}

/** Freezes objects and arrays; typed arrays cannot be. */
function deepFreeze(node: unknown): void {
  if (node === null || typeof node !== "object" || ArrayBuffer.isView(node)) return;
  Object.values(node).forEach(deepFreeze);
  Object.freeze(node);
}

/** Every typed array of a tree. */
function arraysOf(node: unknown): Float32Array[] {
  if (node instanceof Float32Array) return [node];
  return node !== null && typeof node === "object" ? Object.values(node).flatMap(arraysOf) : [];
}

describe("ops are pure:", () => {
  for (const [name, call] of Object.entries(calls)) {
    itOnEachBackend(
      `${name} leaves frozen inputs as they were and shares nothing`,
      async (runtime) => {
        const input = makeInput();
        const copy = makeInput();
        deepFreeze(input);
        const result = await call(input, runtime);
        assertEquals(input, copy);
        const given = new Set(arraysOf(input).map(({ buffer }) => buffer));
        assert(arraysOf(result).every(({ buffer }) => !given.has(buffer)));
        const again = structuredClone(result);
        arraysOf(result).forEach((data) => data.fill(NaN));
        assertEquals(input, copy);
        assertEquals(await call(input, runtime), again);
      },
    );

    itOnEachBackend(`${name} reads its inputs at the call`, async (_, backend) => {
      await using runtime = await createRuntime({ backend });
      for (const when of ["first call", "later call"]) {
        const input = makeInput();
        const pending = call(input, runtime);
        arraysOf(input).forEach((data) => data.fill(when === "first call" ? 7 : NaN));
        assertEquals(await pending, await call(makeInput(), runtime), when);
      }
    });
  }

  itOnEachBackend("calls that are pending together do not mix", async (runtime) => {
    const seeds = [1, 2, 3, 4, 5, 6];
    for (const [name, call] of Object.entries(calls)) {
      const together = await Promise.all(seeds.map((seed) => call(makeInput(seed), runtime)));
      for (const [i, seed] of seeds.entries()) {
        assertEquals(together[i], await call(makeInput(seed), runtime), name);
      }
    }
    const sizes = [1, 2, 3, 5, 8, 13].map((size) => randomTensor([size, 6], { seed: size }));
    const together = await Promise.all(sizes.map((x) => layerNorm(x, {}, { runtime })));
    for (const [i, x] of sizes.entries()) {
      assertEquals(together[i], await layerNorm(x, {}, { runtime }));
    }
  });

  itOnEachBackend("state survives structuredClone", async (runtime) => {
    const { x, affine, state } = makeInput();
    const options = { renorm: true, runtime };
    const first = await batchNorm(x, affine, state, options);
    const direct = await batchNorm(x, affine, first.state, options);
    const cloned = await batchNorm(x, affine, structuredClone(first.state), options);
    assertEquals(cloned, direct);
  });
});

describe("the shared runtime", () => {
  itOnEachBackend(
    "is opened by calls that are pending together, and reads at the call",
    async () => {
      const inputs = [1, 2, 3].map((seed) => randomTensor([4, 6], { seed }));
      const pending = inputs.map((x) => layerNorm(x));
      inputs.forEach(({ data }) => data.fill(0));
      const results = await Promise.all(pending);
      for (const [i, seed] of [1, 2, 3].entries()) {
        assertEquals(results[i], await layerNorm(randomTensor([4, 6], { seed })));
      }
    },
  );
});
