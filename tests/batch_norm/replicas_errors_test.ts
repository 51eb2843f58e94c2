import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  type BatchNormOptions,
  batchNormVjp,
  initBatchNorm,
  pipeline,
  type ReplicaGroup,
  runReplicas,
  type Tensor,
  tensor,
} from "../../mod.ts";

describe("replicas that do not fit", () => {
  const { params, state } = initBatchNorm(2);
  const x = tensor([[1, 2], [3, 5]]);

  /** What each of three replicas says, of which replica 1 does something else. */
  async function saidOf(run: (group: ReplicaGroup) => Promise<unknown>): Promise<string[]> {
    const said: string[] = [];
    await runReplicas(3, async (group) => {
      said[group.rank] = await run(group).then(() => "nothing", (error) => error.message);
    });
    return said;
  }

  it("are all refused for options that differ, by their names", async () => {
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, { replicas, decay: replicas.rank === 1 ? 0.5 : 0.9 })
    );
    const text = "Cannot apply batchNorm: all replicas must make the same call, got decay 0.9 on " +
      "replica 0 and decay 0.5 on replica 1";
    assertEquals(said, [text, text, text]);
  });

  it("are all refused where one lacks an argument that others have", async () => {
    const both = { beta: [1, 1], gamma: [1, 1] };
    const weights = { batchWeights: [1, 1] };
    // Whose default depends on the other two.
    const unbiasedMovingVariance = false;
    const adjustment = { adjustment: { scale: x, bias: x } };
    const cases: Record<string, (isOther: boolean, replicas: ReplicaGroup) => Promise<unknown>> = {
      gamma: (isOther, replicas) =>
        batchNorm(x, isOther ? { beta: [1, 1] } : both, state, { replicas }),
      beta: (isOther, replicas) =>
        batchNorm(x, isOther ? { gamma: [1, 1] } : both, state, { replicas }),
      batchWeights: (isOther, replicas) =>
        batchNorm(x, params, state, {
          replicas,
          unbiasedMovingVariance,
          ...(isOther ? {} : weights),
        }),
      adjustment: (isOther, replicas) =>
        batchNorm(x, params, state, {
          replicas,
          unbiasedMovingVariance,
          ...(isOther ? {} : adjustment),
        }),
    };
    for (const [name, call] of Object.entries(cases)) {
      const said = await saidOf((replicas) => call(replicas.rank === 1, replicas));
      const text = `Cannot apply batchNorm: all replicas must make the same call, got ${name} ` +
        `true on replica 0 and ${name} false on replica 1`;
      assertEquals(said, [text, text, text]);
    }
  });

  it("are all refused for other channels", async () => {
    const three = initBatchNorm(3);
    const said = await saidOf((replicas) =>
      replicas.rank === 1
        ? batchNorm(tensor([[1, 2, 3]]), three.params, three.state, { replicas })
        : batchNorm(x, params, state, { replicas })
    );
    const text =
      "Cannot apply batchNorm: all replicas must make the same call, got channels 2 on " +
      "replica 0 and channels 3 on replica 1";
    assertEquals(said, [text, text, text]);
  });

  it("are all refused where the arguments of one are wrong", async () => {
    const own = "Cannot apply batchNorm: decay must be from 0 to 1, got 2";
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, { replicas, decay: replicas.rank === 1 ? 2 : 0.9 })
    );
    const others =
      `Cannot apply batchNorm: every replica must come through, got on replica 1: ${own}`;
    assertEquals(said, [others, own, others]);
  });

  it("ask for an adjustment only where the other arguments are right", async () => {
    const asked = [0, 0, 0];
    await saidOf((replicas) =>
      batchNorm(x, params, state, {
        replicas,
        decay: replicas.rank === 1 ? 2 : 0.9,
        adjustment: () => {
          asked[replicas.rank]++;
          return { scale: x, bias: x };
        },
      })
    );
    assertEquals(asked, [1, 0, 1]);
  });

  it("are all refused where a cotangent is wrong", async () => {
    const own = "Cannot pull back batchNorm: dy must have shape (2, 2), got (2,)";
    const said = await saidOf(async (replicas) => {
      const { vjp } = await batchNormVjp(x, params, state, { replicas });
      await vjp(replicas.rank === 1 ? tensor([1, 2]) : x);
    });
    const others =
      `Cannot pull back batchNorm: every replica must come through, got on replica 1: ${own}`;
    assertEquals(said, [others, own, others]);
  });

  it("are all refused where one has an argument too many on the way back", async () => {
    const own = "Cannot pull back batchNorm: arguments must be at most 1, got 2";
    const said = await saidOf(async (replicas) => {
      const { vjp } = await batchNormVjp(x, params, state, { replicas });
      await (vjp as (...args: unknown[]) => Promise<unknown>)(
        x,
        ...(replicas.rank === 1 ? [1] : []),
      );
    });
    assertEquals(said[1], own);
    assertEquals(said[0].endsWith(own), true);
    assertEquals(said[0], said[2]);
  });

  it("are all refused where only one has an adjustment, or weights", async () => {
    const adjustment = { scale: x, bias: x };
    const options: [string, BatchNormOptions][] = [
      ["adjustment", { adjustment }],
      ["batchWeights", { batchWeights: [1, 2], unbiasedMovingVariance: false }],
    ];
    for (const [name, more] of options) {
      const plain = { unbiasedMovingVariance: false };
      const said = await saidOf((replicas) =>
        batchNorm(x, params, state, { ...plain, ...(replicas.rank === 1 && more), replicas })
      );
      const text = "Cannot apply batchNorm: all replicas must make the same call, got " +
        `${name} false on replica 0 and ${name} true on replica 1`;
      assertEquals(said, [text, text, text]);
    }
  });

  it("are all refused where an adjustment does not fit, before any has a result", async () => {
    const scale = tensor([1, 1, 1]);
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, {
        replicas,
        adjustment: replicas.rank === 1 ? { scale, bias: scale } : { scale: x, bias: x },
      })
    );
    const own = "Cannot apply batchNorm: adjustment.scale must broadcast to shape (2, 2), got (3,)";
    assertEquals(said[1], own);
    assertEquals(said[0], said[2]);
    assertEquals(said[0].endsWith(own), true);
  });

  it("are refused together for weights without a sum", async () => {
    const said = await saidOf((replicas) =>
      batchNorm(x, params, state, { replicas, batchWeights: [0, 0] })
    );
    const text =
      "Cannot apply batchNorm: batchWeights must have a sum from 2^-126 to 2^120 over all replicas, got 0";
    assertEquals(said, [text, text, text]);
  });

  it("are refused together for weights whose sum is no count", async () => {
    for (const [weight, sum] of [[2 ** 119, 3 * 2 ** 119], [2 ** -149, 3 * 2 ** -149]]) {
      const said = await saidOf((replicas) =>
        batchNorm(x, params, state, { replicas, batchWeights: [weight, 0] })
      );
      const text =
        `Cannot apply batchNorm: batchWeights must have a sum from 2^-126 to 2^120 over all replicas, got ${sum}`;
      assertEquals(said, [text, text, text]);
    }
  });

  it("are all rejected where one throws", async () => {
    const said: string[] = [];
    const all = runReplicas(3, async (replicas) => {
      if (replicas.rank === 1) throw new Error("out of samples");
      await batchNorm(x, params, state, { replicas }).catch((error) => {
        said.push(error.message);
        throw error;
      });
    });
    const text = await all.then(() => "nothing", (error) => error.message);
    assertEquals(text, "out of samples");
    const ended = "Cannot meet the other replicas: all must come to each call, got replica 1 ended";
    assertEquals(said, [ended, ended]);
  });

  it("are refused for what is no group, or with moments", async () => {
    const refused = async (options: object) =>
      await batchNorm(x, params, state, options).then(() => "nothing", (error) => error.message);
    assertEquals(
      await refused({ replicas: 3 }),
      "Cannot apply batchNorm: replicas must be a group { rank, size, allGather, allReduce } with a " +
        "rank from 0 to below size, got 3",
    );
    const moments = { count: tensor(1), mean: tensor([1, 2]), m2: tensor([1, 2]) };
    await runReplicas(1, async (replicas) => {
      assertEquals(
        await refused({ replicas, moments }),
        "Cannot apply batchNorm: moments must not be combined with replicas, got both",
      );
    });
  });

  it("are refused inside a pipeline, with the way around", async () => {
    await runReplicas(2, async (replicas) => {
      const step = pipeline((ops, x: Tensor) => ops.batchNorm(x, params, state, { replicas }).y);
      const text = await step(x).then(() => "nothing", (error) => error.message);
      assertEquals(
        text,
        "Cannot trace a pipeline: replicas must not be given inside of one, which runs in one go, got a " +
          "group; end one pipeline with ops.moments(x), merge these by allMergeMoments(group, moments), " +
          "and begin the next with ops.batchNorm(x, params, state, { moments })",
      );
    });
  });
});
