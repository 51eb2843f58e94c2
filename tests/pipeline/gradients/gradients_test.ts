import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createRuntime,
  eager,
  initBatchNorm,
  initGdn,
  pipeline,
  type PipelineOps,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../../../mod.ts";
import { Plan } from "../../../ops/plan/plan.ts";
import { SymbolicTensor } from "../../../ops/plan/symbolic.ts";
import { tracingOps } from "../../../ops/pipeline/tracing.ts";
import { itOnEachBackend } from "../../support/backends.ts";
import { randomTensor } from "../../support/random.ts";
import { assertSameBits } from "../../support/same_bits.ts";

const x = randomTensor([2, 3, 3, 4], { seed: 1, mean: 3 });
const gamma = randomTensor([4], { seed: 2, mean: 1 });
const beta = randomTensor([4], { seed: 3 });
const weights = randomTensor([2, 3, 3, 4], { seed: 4 });

/** sum(weights * y): dy is what it is multiplied by. */
const weighted = (ops: PipelineOps, y: Tensor) => ops.sum(ops.mul(y, weights));

type Norm = "groupNorm" | "instanceNorm" | "layerNorm" | "rmsNorm";

describe("ops.valueAndGrad", () => {
  for (const norm of ["groupNorm", "instanceNorm", "layerNorm", "rmsNorm"] as const) {
    itOnEachBackend(`gives the bits of ${norm}Vjp`, async (runtime) => {
      const options = norm === "groupNorm" ? { groups: 2 } : {};
      const params = norm === "rmsNorm" ? { gamma } : { beta, gamma };
      const twin = `${norm}Vjp` as const satisfies `${Norm}Vjp`;
      const run = pipeline((ops: PipelineOps, input: { x: Tensor; params: typeof params }) => {
        const { value, grads } = ops.valueAndGrad(
          ({ x, params }) => weighted(ops, ops[norm](x, params, options)),
          input,
        );
        const both = ops[twin] as PipelineOps["groupNormVjp"];
        const { y, vjp } = both(input.x, input.params, options);
        return { value, grads, expected: { value: weighted(ops, y), grads: vjp(weights) } };
      }, { runtime });
      const { expected, ...actual } = await run({ x, params });
      assertSameBits(actual, expected);
    });
  }

  itOnEachBackend(
    "gives the bits of gdnVjp, and of batchNormVjp with its state",
    async (runtime) => {
      const gdn = initGdn(4);
      const { params, state } = initBatchNorm(4, { scale: true });
      const run = pipeline((ops: PipelineOps, input: { x: Tensor; gdn: typeof gdn }) => {
        const { grads, aux } = ops.valueAndGrad(({ x, gdn }) => {
          const { y, state: after } = ops.batchNorm(ops.gdn(x, gdn), params, state);
          return { value: weighted(ops, y), aux: after };
        }, input);
        const first = ops.gdnVjp(input.x, input.gdn);
        const second = ops.batchNormVjp(first.y, params, state);
        const { x: dx, params: dgdn } = first.vjp(second.vjp(weights).x);
        return { grads, aux, expected: { grads: { x: dx, gdn: dgdn }, aux: second.state } };
      }, { runtime });
      const { expected, ...actual } = await run({ x, gdn });
      assertSameBits(actual, expected);
    },
  );

  itOnEachBackend("adds what reaches a parameter on several ways", async (runtime) => {
    const w = tensor([1, 2, 3]);
    const { value, grads } = await valueAndGrad(
      (ops, { w }) => {
        const doubled = ops.add(w, w);
        return ops.sum(ops.mul(doubled, w));
      },
      { w },
      { runtime },
    );
    assertEquals(value.data[0], 28);
    assertEquals([...grads.w.data], [4, 8, 12]);
  });

  itOnEachBackend("gives zeros for what the loss does not depend on", async (runtime) => {
    const params = { used: tensor([2]), unused: tensor([[1, 2], [3, 4]]), none: tensor([]) };
    const { grads } = await valueAndGrad(
      (ops, { used }) => ops.sum(ops.mul(used, used)),
      params,
      { runtime },
    );
    assertEquals([...grads.used.data], [4]);
    assertEquals([...grads.unused.data], [0, 0, 0, 0]);
    assertEquals(grads.unused.shape, [2, 2]);
    assertEquals(grads.none.data.length, 0);
  });

  itOnEachBackend(
    "takes constants from outside, also those that are parameters",
    async (runtime) => {
      const w = tensor([2, 3]);
      const { grads } = await valueAndGrad(
        (ops, { own }) => ops.sum(ops.mul(own, w)),
        { own: w },
        { runtime },
      );
      assertEquals([...grads.own.data], [2, 3]);
    },
  );

  itOnEachBackend("takes typed arrays for parameters", async (runtime) => {
    const gradsOf = async (gamma: Float32Array | Tensor) => {
      const loss = (ops: PipelineOps, params: { gamma: Float32Array | Tensor }) =>
        weighted(ops, ops.layerNorm(x, params));
      return (await valueAndGrad(loss, { gamma }, { runtime })).grads;
    };
    const data = Float32Array.of(1, 2, 3, 4);
    assertSameBits(await gradsOf(data), await gradsOf(tensor(data)));
  });

  itOnEachBackend("takes typed arrays from outside, whose numbers may change", async (runtime) => {
    const loss = (ops: PipelineOps, [gamma]: readonly (Float32Array | Tensor)[]) =>
      weighted(ops, ops.square(ops.layerNorm(x, { gamma })));
    const gamma = Float32Array.of(1, 2, 3, 4);
    const run = pipeline((ops) => ops.grad((params) => loss(ops, params), [gamma]), { runtime });
    for (const first of [1, 5]) {
      gamma[0] = first;
      const { grads } = await valueAndGrad(loss, [tensor(gamma)], { runtime });
      assertSameBits(await run({}), grads);
    }
  });

  itOnEachBackend("takes Float32Arrays through stopGradient", async (runtime) => {
    const v = new Float32Array([1, 2]);
    const run = pipeline((ops, x: Tensor) => {
      const stopped = ops.stopGradient({ v });
      return ops.mul(x, stopped.v as unknown as Tensor);
    }, { runtime });
    assertEquals((await run(tensor([3, 4]))).data, new Float32Array([3, 8]));
  });

  itOnEachBackend("lets nothing through stopGradient", async (runtime) => {
    const { grads } = await valueAndGrad(
      (ops, { w }) => {
        const { fixed } = ops.stopGradient({ fixed: ops.mul(w, w) });
        return ops.sum(ops.mul(w, fixed));
      },
      { w: tensor([2, 3]) },
      { runtime },
    );
    assertEquals([...grads.w.data], [4, 9]);
  });

  itOnEachBackend("reads a getter's tensor once", async (runtime) => {
    let reads = 0;
    const { grads } = await valueAndGrad(
      (ops, w) => {
        const params = {
          get gamma() {
            reads++;
            return ops.scale(w, 2);
          },
        };
        return weighted(ops, ops.layerNorm(x, params));
      },
      gamma,
      { runtime },
    );
    const plain = await valueAndGrad(
      (ops, w) => weighted(ops, ops.layerNorm(x, { gamma: ops.scale(w, 2) })),
      gamma,
      { runtime },
    );
    assertEquals(reads, 1);
    assertSameBits(grads, plain.grads);
  });

  itOnEachBackend("tells places of one tensor apart", async (runtime) => {
    const w = tensor([2, 3]);
    const { grads } = await valueAndGrad(
      (ops, [a, [b]]) => ops.sum(ops.mul(a, ops.square(b))),
      [w, [w]] as const,
      { runtime },
    );
    assertEquals([...grads[0].data, ...grads[1][0].data], [4, 9, 8, 18]);
  });

  itOnEachBackend("takes other libraries' tensors for parameters", async (runtime) => {
    const bytes = { dims: [3], data: Uint8Array.of(1, 2, 3) };
    const { grads } = await valueAndGrad(
      (ops, w: Tensor) => ops.sum(ops.square(w)),
      bytes as unknown as Tensor,
      { runtime },
    );
    assertEquals(grads, tensor([2, 4, 6]));
  });

  itOnEachBackend("gives zeros where everything has been stopped", async (runtime) => {
    const { value, grads } = await valueAndGrad(
      (ops, w) => ops.mean(ops.square(ops.stopGradient(w))),
      tensor([2, 4]),
      { runtime },
    );
    assertEquals(value.data[0], 10);
    assertEquals([...grads.data], [0, 0]);
  });

  itOnEachBackend("takes a gradient inside of a loss as constants", async (runtime) => {
    const run = pipeline((ops: PipelineOps, w: Tensor) =>
      ops.valueAndGrad((w) => {
        const inner = ops.grad((v) => ops.sum(ops.mul(v, v)), ops.stopGradient(w));
        return ops.sum(ops.mul(w, inner));
      }, w), { runtime });
    assertEquals([...(await run(tensor([2, 3]))).grads.data], [4, 6]);
  });

  it("computes with eager ops what a pipeline does", async () => {
    const params = { x, norm: { gamma, beta } };
    await using runtime = await createRuntime({ backend: "wasm" });
    const loss = (ops: PipelineOps) => (input: typeof params) => {
      const y = ops.groupNorm(input.x, input.norm, { groups: 2, activation: "swish" });
      return { value: weighted(ops, y), aux: { y, stopped: ops.stopGradient(y) } };
    };
    const traced = pipeline((ops: PipelineOps, input: typeof params) => ({
      ...ops.valueAndGrad(loss(ops), input),
      alone: ops.grad(loss(ops), input),
    }), { runtime });
    const ops = eager(runtime);
    const once = { ...ops.valueAndGrad(loss(ops), params), alone: ops.grad(loss(ops), params) };
    assertSameBits(once, await traced(params));
    // The ops compute again once the gradient has been taken.
    assertStrictEquals(ops.mean(tensor([1, 3])).data[0], 2);
    assertStrictEquals(ops.stopGradient(params), params);
    const vector = new Float32Array(1);
    assertStrictEquals(ops.stopGradient(vector), vector);
  });

  it("launches nothing that no gradient needs", () => {
    const launchesOf = (record: (ops: PipelineOps, x: Tensor, w: Tensor) => Tensor[]) => {
      const plan = new Plan();
      const input = (name: string, shape: number[]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const none = () => new Float32Array(length);
        return new SymbolicTensor(plan.input(name, name, length, none), shape);
      };
      const results = record(tracingOps(plan), input("x", x.shape as number[]), input("w", [4]));
      return plan.finish(results.map((one) => (one as SymbolicTensor).valueIn(plan)))
        .program.launches.map(({ kernel }) => kernel.name);
    };
    const loss = (ops: PipelineOps, x: Tensor, gamma: Tensor) => {
      return weighted(ops, ops.groupNorm(x, { gamma }, { groups: 2 }));
    };
    const byTape = launchesOf((ops, x, w) => {
      const { value, grads } = ops.valueAndGrad((gamma) => loss(ops, x, gamma), w);
      return [value, grads];
    });
    const byHand = launchesOf((ops, x, gamma) => {
      const { y, vjp } = ops.groupNormVjp(x, { gamma }, { groups: 2 });
      return [weighted(ops, y), vjp(weights).params.gamma];
    });
    assertEquals(byTape.length, byHand.length);
    assert(!byTape.some((name) => name.startsWith("normInput")), byTape.join());
  });
});
