import {
  batchNorm,
  createRuntime,
  groupNorm,
  initBatchNorm,
  layerNorm,
  layerNormVjp,
  tensor,
} from "../../mod.ts";
import { Calls, runOp } from "../../ops/call/calls.ts";
import { read, SymbolicTensor } from "../../ops/plan/symbolic.ts";
import { Plan } from "../../ops/plan/plan.ts";
import type { Tensor } from "../../mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { counting } from "../support/counting.ts";
import { assertRejected } from "../support/reject.ts";

const plain = { center: false, scale: false } as const;
const numbers = (length: number, step = 1) => Float32Array.from({ length }, (_, i) => i * step);

describe("remembered calls", () => {
  it("are recorded once, and hold no data between runs", () => {
    const calls = new Calls();
    const seen: Tensor[] = [];
    const record = (_: Plan, x: Tensor) => (seen.push(x), "recorded");
    const run = (x: Tensor) => calls.with("run it", [x], record, () => seen.at(-1)!.data[1]);
    const one = tensor([[1, 2]]);
    const other = tensor([[3, 4]]);
    assertEquals([run(one), run(other), run(one)], [2, 4, 2]);
    assertEquals([seen.length, seen[0].data], [1, undefined]);
    // Another shape of as many elements is another call.
    run(tensor([[1], [2]]));
    assertEquals(seen.length, 2);
  });

  it("hold no data after a call whose tensor would not give its own", () => {
    const calls = new Calls();
    const seen: Tensor[] = [];
    const record = (_: Plan, a: Tensor, _b: Tensor) => seen.push(a);
    const a = tensor([[1, 2]]);
    const b = tensor([[3, 4]]);
    const ended = {
      shape: [1, 2],
      get data(): Float32Array<ArrayBuffer> {
        throw new Error("ended");
      },
    };
    calls.with("run it", [a, b], record, () => {});
    assertThrows(
      () => calls.with("run it", [a, ended], record, () => {}),
      TypeError,
      "Cannot run it: arguments must be readable, got one that throws",
    );
    assertEquals([seen.length, seen[0].data], [1, undefined]);
  });

  it("are told apart by what records them, whatever their messages say", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const times = (factor: number) => (plan: Plan, x: Tensor): Tensor => {
      const value = plan.each("affine", { a: read(plan, "x", x), factor, term: 0 });
      return new SymbolicTensor(value, x.shape);
    };
    const double = times(2);
    const triple = times(3);
    const x = tensor([1]);
    for (let i = 0; i < 2; i++) {
      assertEquals((await runOp("do the same", runtime, double, x)).data[0], 2);
      assertEquals((await runOp("do the same", runtime, triple, x)).data[0], 3);
    }
  });

  it("are remembered for the way back as for the way there", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const x = tensor(numbers(8), [2, 4]);
    const gammas = [[1, 1, 1, 1], [2, 2, 2, 2]];
    const dx = [];
    for (const gamma of gammas) {
      const { vjp } = await layerNormVjp(x, { gamma }, { runtime });
      dx.push((await vjp(x)).x.data[0]);
    }
    const { plansCompiled } = runtime.stats();
    assertEquals([plansCompiled, Math.fround(dx[1] / dx[0])], [2, 2]);
  });

  it("are each on their own while a getter of an argument calls the same op", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const one = { shape: [1, 2], data: new Float32Array([1, 3]) };
    const other = { shape: [1, 2], data: new Float32Array([5, 1]) };
    const expected = await Promise.all([one, other].map((x) => layerNorm(x, {}, { runtime })));
    const inner: Promise<Tensor>[] = [];
    const nested = {
      shape: [1, 2],
      get data() {
        inner.push(layerNorm(other, {}, { runtime }));
        return one.data;
      },
    };
    assertEquals(await layerNorm(nested, {}, { runtime }), expected[0]);
    for (const y of await Promise.all(inner)) assertEquals(y, expected[1]);
  });

  it("are forgotten, the least recently used first", () => {
    const calls = new Calls();
    let recorded = 0;
    const record = (_plan: Plan, _x: Tensor) => recorded++;
    const run = (size: number) =>
      calls.with("run it", [tensor(new Float32Array(size))], record, () => {});
    for (let size = 1; size <= 17; size++) run(size);
    run(17);
    assertEquals(recorded, 17);
    run(1);
    assertEquals(recorded, 18);
  });

  it("are not remembered with functions, long lists and class objects", () => {
    const calls = new Calls();
    let recorded = 0;
    for (const odd of [() => 1, new Array(1000).fill(1), new Map()]) {
      for (let i = 0; i < 2; i++) {
        calls.with("run it", [odd], (_plan: Plan, _odd: unknown) => recorded++, () => {});
      }
    }
    assertEquals(recorded, 6);
  });

  it("are recorded once for lists that are data, however long, and hold none of their numbers", () => {
    const calls = new Calls();
    const lists: (readonly number[])[] = [];
    const record = (plan: Plan, x: Tensor, options: { readonly beta: number[] }) => {
      lists.push(options.beta);
      const sum = plan.each("add", { a: read(plan, "x", x), b: read(plan, "beta", options.beta) });
      return new SymbolicTensor(sum, x.shape);
    };
    const run = (x: number[], beta: number[]) =>
      calls.with("run it", [tensor(x), { beta }], record, ({ recorded: { sources } }) => {
        return sources.map((source) => [...source() as Float32Array]);
      });
    assertEquals(run([1, 2], [3, 4]), [[1, 2], [3, 4]]);
    assertEquals(run([5, 6], [7, 8]), [[5, 6], [7, 8]]);
    assertEquals(lists, [[]]);
    const long = new Array(1000).fill(1);
    assertEquals(run(long, long), [long, long]);
    assertEquals(run(long, long.map((one) => 2 * one))[1][999], 2);
    assertEquals(lists, [[], []]);
    // Another length is another call, and what is no number is looked at.
    run([1, 2], [1, 2, 3]);
    assertThrows(
      () => run([1, 2], [1, "2" as unknown as number]),
      TypeError,
      "Cannot run a pipeline: beta must hold numbers, got string",
    );
  });

  it("are told apart by lists that are options, beside others that are data", () => {
    const calls = new Calls();
    let recorded = 0;
    const record = (plan: Plan, axes: number[], gamma: number[]) => {
      recorded++;
      return new SymbolicTensor(read(plan, "gamma", gamma), [axes[0], 1]);
    };
    const run = (axes: number[], gamma: number[]) =>
      calls.with("run it", [axes, gamma], record, ({ recorded: { sources } }) => [
        sources.length,
        [...sources[0]() as Float32Array],
      ]);
    assertEquals(run([1], [2, 3]), [1, [2, 3]]);
    assertEquals(run([1], [4, 5]), [1, [4, 5]]);
    assertEquals(recorded, 1);
    assertEquals(run([2], [6, 7]), [1, [6, 7]]);
    assertEquals(recorded, 2);
    run([2], [0, -0]);
    run([-0], [0, 0]);
    run([0], [0, 0]);
    assertEquals(recorded, 4);
  });

  it("are found again for a gamma that changes, as a list as well as a typed array", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const x = tensor(numbers(8), [2, 4]);
    const counts = await counting([[Plan, "finish"]], async () => {
      for (let i = 1; i <= 20; i++) {
        const gamma = [i, 1, i, 1];
        const { data } = await layerNorm(x, { gamma }, { runtime });
        assertEquals(Math.fround(data[0] / data[1]) > 0, true);
        assertEquals(
          data,
          (await layerNorm(x, { gamma: Float32Array.from(gamma) }, { runtime })).data,
        );
        const { vjp } = await layerNormVjp(x, { gamma }, { runtime });
        await vjp(x);
      }
    });
    // One for each kind of gamma, and one for the way back.
    assertEquals(counts, { finish: 3 });
  });

  it("see every change of an argument", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const data = numbers(32);
    const x = tensor(data, [1, 2, 2, 8]);
    const beta = [0, 0, 0, 0, 0, 0, 0, 0];
    const norm = async (groups: number) =>
      (await groupNorm(x, { beta }, { groups, scale: false, runtime })).data;
    const first = await norm(2);
    beta.fill(1);
    assertEquals(await norm(2), first.map((value) => value + 1));
    const two = await norm(2);
    const four = await norm(4);
    assertEquals(two.some((value, i) => value !== four[i]), true);
    data.reverse();
    assertEquals((await norm(2))[0], two[31]);
  });

  it("fail as they did before", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const x = tensor([[1, 2, 3]]);
    const wrong = { ...plain, epsilon: -1, runtime };
    const message = "Cannot apply layerNorm: epsilon must be a finite number >= 0, got -1";
    for (let i = 0; i < 2; i++) {
      await assertRejected(() => layerNorm(x, {}, wrong), RangeError, message);
      await layerNorm(x, {}, { ...plain, runtime });
    }
  });

  it("look at data that must be looked at, and call functions, every time", async () => {
    await using runtime = await createRuntime({ backend: "wasm" });
    const x = tensor(numbers(8), [4, 2]);
    const { params, state } = initBatchNorm(2);
    const weights = [1, 1, 1, 1];
    const run = () => batchNorm(x, params, state, { batchWeights: weights, runtime });
    await run();
    weights[2] = -1;
    const message = "Cannot apply batchNorm: batchWeights must be finite numbers >= 0, got -1";
    await assertRejected(run, RangeError, message);
    let called = 0;
    const adjustment = () => {
      called++;
      return { scale: tensor([1, 1]), bias: tensor([0, 0]) };
    };
    for (let i = 0; i < 3; i++) await batchNorm(x, params, state, { adjustment, runtime });
    assertEquals(called, 3);
  });
});
