import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { groupNorm, type PipelineOps, type Tensor, tensor } from "../../mod.ts";
import { initSgd } from "../../ops/training/mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { pipeline } from "../support/eagerly.ts";
import { assertRejected } from "../support/reject.ts";

const x = tensor([[1, 2], [3, 5]]);
const GROUPS = { groups: 1 } as const;
const keep = (got: number) => `Cannot run a pipeline: gamma must keep its 2 elements, got ${got}`;

/** Typed arrays over memory that can grow and shrink; not every engine has them. */
const Resizable = ArrayBuffer as unknown as {
  new (bytes: number, options: { maxByteLength: number }): ArrayBuffer & {
    resize(bytes: number): void;
  };
};

describe("data that a pipeline has captured", () => {
  itOnEachBackend("are refused once an array has grown or shrunk", async (runtime) => {
    const gamma = [1, 1];
    const run = pipeline((ops, x: Tensor) => ops.groupNorm(x, { gamma }, GROUPS), { runtime });
    const first = await run(x);
    gamma.push(...new Array(5000).fill(9));
    await assertRejected(() => run(x), TypeError, keep(5002));
    gamma.length = 1;
    await assertRejected(() => run(x), TypeError, keep(1));
    gamma.push(1);
    assertEquals(await run(x), first);
  });

  itOnEachBackend("are refused once their buffer was taken away", async (runtime) => {
    const gamma = new Float32Array([1, 1]);
    const run = pipeline((ops, x: Tensor) => ops.groupNorm(x, { gamma }, GROUPS), { runtime });
    await run(x);
    structuredClone(gamma.buffer, { transfer: [gamma.buffer] });
    await assertRejected(() => run(x), TypeError, keep(0));
  });

  itOnEachBackend("are refused where they are only passed on, too", async (runtime) => {
    const gamma = tensor([1, 1]);
    const run = pipeline((_, x: Tensor) => ({ x, gamma }), { runtime });
    await run(x);
    structuredClone(gamma.data.buffer, { transfer: [gamma.data.buffer] });
    const text = "Cannot run a pipeline: output.gamma must keep its 2 elements, got 0";
    await assertRejected(() => run(x), TypeError, text);
  });

  itOnEachBackend("are refused once a tensor's buffer has grown", async (runtime) => {
    const buffer = new Resizable(8, { maxByteLength: 4000 });
    if (typeof buffer.resize !== "function") return;
    const gamma = tensor(new Float32Array(buffer).fill(1), [2]);
    const run = pipeline((ops, x: Tensor) => ops.groupNorm(x, { gamma }, GROUPS), { runtime });
    const first = await run(x);
    buffer.resize(4000);
    await assertRejected(() => run(x), TypeError, keep(1000));
    buffer.resize(4);
    await assertRejected(() => run(x), TypeError, keep(1));
    buffer.resize(8);
    gamma.data.fill(1);
    assertEquals(await run(x), first);
  });

  itOnEachBackend("are refused once an element is no number", async (runtime) => {
    const gamma = [1, 1];
    const run = pipeline((ops, x: Tensor) => ops.groupNorm(x, { gamma }, GROUPS), { runtime });
    await run(x);
    gamma[1] = "1" as unknown as number;
    await assertRejected(
      () => run(x),
      TypeError,
      "Cannot run a pipeline: gamma must hold numbers, got string",
    );
  });

  itOnEachBackend("are checked where they are returned as they are", async (runtime) => {
    const buffer = new Resizable(8, { maxByteLength: 4000 });
    if (typeof buffer.resize !== "function") return;
    const kept = tensor(new Float32Array(buffer), [2]);
    const run = pipeline((ops, x: Tensor) => ({ y: ops.layerNorm(x), kept }), { runtime });
    await run(x);
    buffer.resize(16);
    await assertRejected(
      () => run(x),
      TypeError,
      "Cannot run a pipeline: output.kept must keep its 2 elements, got 4",
    );
  });

  it("are refused where an array has holes", async () => {
    await assertRejected(
      () => groupNorm(x, { gamma: [1, , 1].slice(0, 2) as number[] }, GROUPS),
      TypeError,
      "Cannot apply groupNorm: gamma must hold numbers, got undefined",
    );
  });

  // A trace would have copied their data, so that later changes went unnoticed.
  const half = { shape: [2], data: new Uint16Array([0x3c00, 0x4000]), type: "float16" };
  const borrowed = half as unknown as Tensor;
  const uses: Record<string, [use: (ops: PipelineOps, x: Tensor) => object, name: string]> = {
    "an op's argument": [(ops, x) => ops.mul(x, borrowed), "multiply tensors: b"],
    "a result": [(_, x) => ({ x, half: borrowed }), "run a pipeline: output.half"],
    "parameters of a gradient": [
      (ops) => ops.grad(({ w }) => ops.sum(w), { w: borrowed }),
      "take a gradient: params.w",
    ],
    "a constant of a gradient": [(ops) => ops.stopGradient([borrowed]), "stop a gradient: tree[0]"],
    "parameters of a step": [
      (ops, x) => ops.sgd({ w: borrowed }, { w: x }, initSgd({ w: x })),
      "step sgd: params.w",
    ],
    "gradients of a step": [
      (ops, x) => ops.sgd({ w: x }, { w: borrowed }, initSgd({ w: x })),
      "step sgd: grads.w",
    ],
    "gradients to clip": [(ops) => ops.clipByGlobalNorm([borrowed], 1), "clip gradients: grads[0]"],
  };
  for (const [what, [use, name]] of Object.entries(uses)) {
    itOnEachBackend(`are refused where they are of 16 bits: ${what}`, async (runtime) => {
      const run = pipeline(use, { runtime });
      await assertRejected(
        () => run(tensor([1, 2])),
        TypeError,
        `Cannot ${name} must be a tensor of float32 data, got uint16 data; ` +
          "tensor(data, shape) rounds numbers to float32",
      );
    });
  }

  itOnEachBackend("are refused where they have dims, which are no shape", async (runtime) => {
    const other = { dims: [2], data: new Float32Array(2) } as unknown as Tensor;
    await assertRejected(
      () => pipeline((ops, x: Tensor) => ops.mul(x, other), { runtime })(tensor([1, 2])),
      TypeError,
      "Cannot multiply tensors: b must be a tensor of float32 data, got dims in place of a shape; " +
        "tensor(data, shape) makes one of it",
    );
  });
});
