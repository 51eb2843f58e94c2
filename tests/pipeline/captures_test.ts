import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { groupNorm, type Tensor, tensor } from "../../mod.ts";
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
});
