import { batchNorm, createRuntime, groupNorm, initBatchNorm, layerNorm, tensor } from "../mod.ts";
import { Calls } from "../ops/_calls.ts";
import type { Plan } from "../ops/_plan.ts";
import type { Tensor } from "../mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertRejected } from "./reject.ts";

const plain = { center: false, scale: false } as const;
const numbers = (length: number, step = 1) => Float32Array.from({ length }, (_, i) => i * step);

describe("remembered calls", () => {
  it("are recorded once, and hold no data between runs", () => {
    const calls = new Calls();
    const seen: Tensor[] = [];
    const record = (_: Plan, x: Tensor) => (seen.push(x), "recorded");
    const run = (x: Tensor) => calls.with("op", [x], record, () => seen.at(-1)!.data[1]);
    const [one, other] = [tensor([[1, 2]]), tensor([[3, 4]])];
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
    const [a, b] = [tensor([[1, 2]]), tensor([[3, 4]])];
    const ended = {
      shape: [1, 2],
      get data(): Float32Array<ArrayBuffer> {
        throw new Error("ended");
      },
    };
    calls.with("op", [a, b], record, () => {});
    assertThrows(() => calls.with("op", [a, ended], record, () => {}), Error, "ended");
    assertEquals([seen.length, seen[0].data], [1, undefined]);
  });

  it("are forgotten, the least recently used first", () => {
    const calls = new Calls();
    let recorded = 0;
    const record = (_plan: Plan, _x: Tensor) => recorded++;
    const run = (size: number) =>
      calls.with("op", [tensor(new Float32Array(size))], record, () => {});
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
        calls.with("op", [odd], (_plan: Plan, _odd: unknown) => recorded++, () => {});
      }
    }
    assertEquals(recorded, 6);
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
    const [two, four] = [await norm(2), await norm(4)];
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
