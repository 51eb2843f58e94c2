import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import {
  batchNorm,
  batchNormVjp,
  createRuntime,
  gdn,
  gdnVjp,
  groupNorm,
  initBatchNorm,
  layerNorm,
  type Runtime,
  tensor,
} from "../../mod.ts";
import { backends, itOnEachBackend, runtimeOf } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { backwardOps, forwardOps, type Op, SET, setsBetween, summedOps } from "./extremes.ts";

/** What a value is, apart from how large. */
function classOf(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === 0) return "0";
  return Number.isFinite(value) ? "a number" : String(value);
}

/** Fails unless the results of an op are of one class on two runtimes, element by element. */
async function assertSameClasses(
  op: Op,
  sets: readonly Float32Array[],
  [a, b]: readonly [Runtime, Runtime],
  agree: (result: string, first: number, second: number) => boolean = () => false,
): Promise<void> {
  const first = await op(sets, a);
  const second = await op(sets, b);
  for (const [name, values] of Object.entries(first)) {
    for (let i = 0; i < values.length; i++) {
      const one = values[i];
      const other = second[name][i];
      if (classOf(one) === classOf(other) || agree(name, one, other)) continue;
      throw new Error(
        `${name}[${i}] must be of one class, got ${one} and ${other}; of sets with ${
          sets[Math.floor(i * sets.length / values.length)]
        }`,
      );
    }
  }
}

/** From the smallest normal float32 to the largest, with subnormals on the way. */
const SETS = setsBetween(-38, 38, 1000);

describe("wasm and cpu give the same class of result from 1e-38 to 3e38", () => {
  const opened = Promise.all([
    createRuntime({ backend: "cpu" }),
    createRuntime({ backend: "wasm" }),
    createRuntime({ deterministic: true }),
  ]);
  after(async () => {
    for (const runtime of await opened) await runtime.dispose();
  });

  for (const [name, op] of Object.entries({ ...forwardOps(), ...backwardOps() })) {
    it(`of ${name}`, async () => {
      const [cpu, wasm, deterministic] = await opened;
      await assertSameClasses(op, SETS, [cpu, deterministic]);
      // The cotangent of x is a difference that may cancel. GDN's sums are rounded once for each term
      // on wasm and twice on cpu, and what is left is then a rounding on one and 0 on the other.
      const isRounding = (_: string, a: number, b: number) =>
        name.startsWith("gdnVjp") && a * b === 0 && Number.isFinite(a + b);
      await assertSameClasses(op, SETS, [cpu, wasm], isRounding);
    });
  }

  for (const [name, op] of Object.entries(summedOps())) {
    it(`of ${name} over all positions`, async () => {
      const [cpu, wasm, deterministic] = await opened;
      // Sums of one set each: of all of them nothing but NaN would be left.
      for (const set of setsBetween(-38, 38, 50)) {
        await assertSameClasses(op, [set], [cpu, deterministic]);
        await assertSameClasses(op, [set], [cpu, wasm]);
      }
    });
  }
});

describe("where intermediates stay finite and normal", () => {
  for (const { name, skip } of backends) {
    if (name === "cpu" || name === "wasm") continue;
    const test = skip === undefined ? it : it.skip;
    test(`${name} gives the class that wasm gives${skip ? `: ${skip}` : ""}`, async () => {
      const runtime = await runtimeOf(name);
      await using wasm = await createRuntime({ backend: "wasm" });
      const sets = setsBetween(-10, 10, 0).filter((set) => set.every((value) => value !== 0));
      for (const [what, op] of Object.entries(forwardOps())) {
        // A pool without beta, or a set without deviation, is not normal: it is 0.
        if (what.includes("epsilon 0") && !what.includes("gdn")) continue;
        await assertSameClasses(op, sets, [runtime, wasm]).catch((error) => {
          throw new Error(`${what}: ${error.message}`);
        });
      }
    });
  }
});

describe("what docs/extremes.md promises", () => {
  const exact = backends.filter(({ name }) => name === "cpu" || name === "wasm");
  function promise(what: string, test: (runtime: Runtime) => Promise<void>): void {
    for (const { name } of exact) it(`${what} on ${name}`, async () => test(await runtimeOf(name)));
  }

  promise("a gamma of 0 keeps a channel's overflow from the others", async (runtime) => {
    const gamma = tensor([[0.1, 0], [0, 0.4]]);
    for (const size of [1e20, 1e30, 3e38]) {
      for (const alpha of [2, 3]) {
        const options = { alphaParameter: alpha, runtime };
        const params = { beta: [1, 2], gamma };
        const y = await gdn(tensor([[size, 1]]), params, options);
        assertClose([y.data[1]], [1 / Math.sqrt(2.4)], 1e-6);
        assert(Number.isFinite(y.data[0]));
        const { vjp } = await gdnVjp(tensor([[size, 1]]), params, options);
        const { x, params: { beta } } = await vjp(tensor([[1, 1]]));
        assertClose([x.data[1]], [2.4 ** -0.5 - 0.2 * alpha * 2.4 ** -1.5], 1e-6);
        assertClose([beta.data[1]], [-0.5 * 2.4 ** -1.5], 1e-6);
        assert(Number.isFinite(x.data[0]) && Number.isFinite(beta.data[0]));
        const inverse = await gdn(tensor([[size, 1]]), params, { ...options, inverse: true });
        assertEquals(inverse.data[0], Infinity);
        assertClose([inverse.data[1]], [Math.sqrt(2.4)], 1e-6);
      }
    }
  });

  promise("a pool that overflows gives 0, and Inf for IGDN", async (runtime) => {
    const params = { beta: [1, 1], gamma: tensor([[2, 2], [2, 2]]) };
    const x = tensor([[-2e19, 1]]);
    assertEquals((await gdn(x, params, { runtime })).data.map(Math.abs), new Float32Array(2));
    const inverse = await gdn(x, params, { inverse: true, runtime });
    assertEquals([...inverse.data], [-Infinity, Infinity]);
  });

  promise("an infinite x gives Inf in its own channel", async (runtime) => {
    const params = { beta: [1, 1], gamma: tensor([[0.1, 0.2], [0, 0.1]]) };
    for (const inverse of [false, true]) {
      const y = await gdn(tensor([[-Infinity, 1]]), params, { inverse, runtime });
      assertEquals(y.data[0], -Infinity);
      assert(Number.isFinite(y.data[1]));
    }
    const absolute = { alphaParameter: 1, epsilonParameter: 1, runtime };
    const y = await gdn(tensor([[Infinity, 1], [1, Infinity]]), params, absolute);
    assertEquals([...y.data], [NaN, 0, NaN, NaN]);
  });

  promise("squares that overflow, or that are lost, leave no gradient", async (runtime) => {
    const { state } = initBatchNorm(1);
    for (const [size, epsilon, variance] of [[1e20, 1e-6, Infinity], [1e-23, 0, 0]]) {
      const x = tensor([size, -size, 0, size / 2], [4, 1]);
      const options = { epsilon, decay: 0, runtime };
      const { state: next, vjp } = await batchNormVjp(x, {}, state, options);
      assertEquals([...next.movingVariance.data], [variance]);
      const back = await vjp(tensor([[1], [2], [-1], [0.5]]));
      assertEquals([...back.x.data].map(Math.abs), [0, 0, 0, 0]);
    }
  });

  promise("squares that overflow, or that are lost, give beta", async (runtime) => {
    const params = { beta: [0.5] };
    for (const [size, epsilon] of [[1e20, 1e-6], [1e37, 1e-6], [1e-23, 0], [1e-38, 0]]) {
      const x = tensor([size, -size, 0, size / 2], [1, 4, 1]);
      const y = await groupNorm(x, params, { groups: 1, epsilon, runtime });
      assertEquals([...y.data], [0.5, 0.5, 0.5, 0.5]);
    }
  });

  promise("the sum of squares overflows, not only each of them", async (runtime) => {
    const x = tensor(Float32Array.from({ length: 65536 }, (_, i) => i % 2 ? 1e17 : -1e17), [
      1,
      65536,
    ]);
    const large = await layerNorm(x, {}, { runtime });
    assert(large.data.every((value) => value === 0));
    const smaller = tensor(x.data.map((value) => value / 4), x.shape);
    assertClose((await layerNorm(smaller, {}, { runtime })).data, x.data.map(Math.sign), 1e-5);
  });

  promise("infinity in a batch makes the moving mean infinite", async (runtime) => {
    for (
      const [infinite, mean] of [[[Infinity], Infinity], [[-Infinity], -Infinity], [[
        Infinity,
        -Infinity,
      ], NaN]] as const
    ) {
      for (const decay of [0, 0.5, 0.999]) {
        const x = tensor([1, 2, 4, ...infinite].map((value) => [value, 3]));
        const { state } = initBatchNorm(2);
        const { state: next } = await batchNorm(x, {}, state, { decay, runtime });
        assertEquals(next.movingMean.data[0], mean);
        assertClose([next.movingMean.data[1]], [3 * (1 - decay)], 1e-6);
        // It stays so while it counts, and is forgotten with a decay of 0.
        const x1 = tensor([[1, 3], [1, 3]]);
        const later = await batchNorm(x1, {}, next, { decay, runtime });
        assertEquals(later.state.movingMean.data[0], decay === 0 ? 1 : mean);
      }
      // With a decay of 1 the batch does not count, whatever it is.
      const x = tensor(infinite.map((value) => [value]));
      const { state } = await batchNorm(x, {}, initBatchNorm(1).state, { decay: 1, runtime });
      assertEquals([...state.movingMean.data, ...state.movingVariance.data], [0, 1]);
    }
  });
});

/** pow(0, epsilon) of a shader, by way of logarithms. */
const POWER_OF_0 = 1e-10;

describe("gdnVjp where a power has no derivative", () => {
  const params = { beta: [1, 2], gamma: tensor([[0.1, 0.2], [0.3, 0.4]]) };
  for (const alpha of [0.5, 1, 1.5, 2]) {
    itOnEachBackend(`is 0 through |x|^${alpha} at 0`, async (runtime) => {
      const epsilon = 0.5;
      const { vjp } = await gdnVjp(tensor([[0, 2]]), params, {
        alphaParameter: alpha,
        epsilonParameter: epsilon,
        runtime,
      });
      const back = await vjp(tensor([[3, 1]]));
      // Only the numerator is left: dy / u^epsilon.
      const u = 1 + 0.3 * 2 ** alpha;
      assertClose([back.x.data[0]], [3 / Math.sqrt(u)], 1e-5);
      assert(back.params.gamma.data.every(Number.isFinite));
      assert(
        Number.isFinite(back.alphaParameter.data[0]) &&
          Number.isFinite(back.epsilonParameter.data[0]),
      );
    });
  }

  for (const epsilon of [0.3, 0.5, 1]) {
    itOnEachBackend(`of IGDN is 0 where x and u are, epsilon ${epsilon}`, async (runtime) => {
      const nothing = { beta: [0, 0], gamma: params.gamma };
      const options = { inverse: true, epsilonParameter: epsilon, runtime };
      const { y, vjp } = await gdnVjp(tensor([[0, 0]]), nothing, options);
      const back = await vjp(tensor([[3, 1]]));
      const { beta, gamma } = back.params;
      for (const { data } of [y, beta, gamma, back.alphaParameter, back.epsilonParameter]) {
        assert(data.every((value) => value === 0), `${[...data]}`);
      }
      assertClose(back.x.data, [0, 0], POWER_OF_0, "x");
    });
  }

  for (const { name } of backends.filter(({ name }) => name === "cpu" || name === "wasm")) {
    it(`of GDN is NaN where x and u are 0, as 0 / 0 is, on ${name}`, async () => {
      const nothing = { beta: [0, 0], gamma: params.gamma };
      const { y, vjp } = await gdnVjp(tensor([[0, 0]]), nothing, {
        runtime: await runtimeOf(name),
      });
      const { x } = await vjp(tensor([[1, 1]]));
      assert(y.data.every(Number.isNaN) && x.data.every(Number.isNaN));
    });
  }
});

describe("the sets of these tests", () => {
  it("reach from subnormals to the largest number", () => {
    const sizes = SETS.flatMap((set) => Array.from(set, Math.abs)).filter((size) => size > 0);
    assert(Math.min(...sizes) < 1.2e-38 && Math.max(...sizes) >= 3.4e38);
    assert(SETS.every((set) => set.length === SET));
  });
});
