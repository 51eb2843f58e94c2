import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import {
  createRuntime,
  gdn,
  groupNorm,
  layerNorm,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { kernels } from "../../generated/kernels.ts";
import type { Program } from "../../ops/plan/program.ts";
import { createExecutor } from "../../ops/runtime/select.ts";
import { backwardOps, forwardOps, setsBetween } from "../numbers/extremes.ts";
import { randomTensor } from "../support/random.ts";
import { withTree } from "../support/kernel.ts";
import { inMemory } from "../support/elements.ts";

/** The texts that are evaluated while something runs. */
async function textsOf(run: () => Promise<void>): Promise<string[]> {
  const texts: string[] = [];
  const original = globalThis.Function;
  globalThis.Function = new Proxy(original, {
    construct(target, parts) {
      texts.push(String(parts.at(-1)));
      return Reflect.construct(target, parts);
    },
  });
  try {
    await run();
  } finally {
    globalThis.Function = original;
  }
  return texts;
}

/** Ops over one shape in both formats. */
async function runOps(runtime: Runtime, [n, s, c]: readonly number[]): Promise<Tensor[]> {
  const x = randomTensor([n, s, 2 * c], { seed: 1, mean: 1 });
  const first = randomTensor([n, 2 * c, s], { seed: 2, mean: 1 });
  const params = {
    beta: new Float32Array(2 * c).fill(1),
    gamma: tensor(new Float32Array(4 * c * c).fill(0.01), [2 * c, 2 * c]),
  };
  return [
    await groupNorm(x, {}, { groups: 2, runtime }),
    await groupNorm(first, {}, { groups: 2, dataFormat: "NCHW", runtime }),
    await layerNorm(x, {}, { runtime }),
    await gdn(x, params, { runtime }),
    await gdn(first, params, { dataFormat: "NCHW", runtime }),
  ];
}

/** Shapes of every kind of plan: lanes or none, one chunk or several, one channel to a group or more. */
const SHAPES = [[1, 1, 1], [2, 3, 2], [3, 700, 1], [2, 64, 8], [1, 2000, 16], [5, 1, 24]];
const OTHERS = Array.from({ length: 40 }, (_, i) => [1 + i % 4, 1 + (i * 37) % 900, 1 + i % 9]);

/** In Bun, modules of npm keep the Function that was there when they were loaded: it sees no texts. */
const itSeesTexts = "Bun" in globalThis ? it.skip : it;

describe("plain JavaScript on cpu", () => {
  itSeesTexts("is evaluated once for each kernel, whatever the shapes", async () => {
    await using runtime = await createRuntime({ backend: "cpu", planLimit: 4 });
    const texts = await textsOf(async () => {
      for (const shape of SHAPES) await runOps(runtime, shape);
    });
    assert(texts.length > 10 && texts.length <= kernels.length, `${texts.length} texts`);
    assertEquals(new Set(texts).size, texts.length);
    const more = await textsOf(async () => {
      for (const shape of OTHERS) await runOps(runtime, shape);
    });
    assertEquals(more, []);
    assert(runtime.stats().plansCompiled > 200);
  });

  it("computes each shape as if it were the only one", async () => {
    await using shared = await createRuntime({ backend: "cpu" });
    for (const shape of [SHAPES[1], SHAPES[3], SHAPES[1]]) {
      await using alone = await createRuntime({ backend: "cpu" });
      assertEquals(await runOps(shared, shape), await runOps(alone, shape));
    }
  });
});

describe("cpu and deterministic wasm", () => {
  const opened = Promise.all([
    createRuntime({ backend: "cpu" }),
    createRuntime({ deterministic: true }),
  ]);
  after(async () => {
    for (const runtime of await opened) await runtime.dispose();
  });
  const sets = setsBetween(-38, 38, 200);
  // exp, log and pow are computed in float64 by either, but not by the same steps.
  const exact = Object.entries({ ...forwardOps(), ...backwardOps() }).filter(([name]) =>
    !/0\.7|0\.3|elu|gelu|swish|tanh|softplus|sigmoid/.test(name)
  );
  for (const [name, op] of exact) {
    it(`give the same bits: ${name}`, async () => {
      const [cpu, wasm] = await opened;
      assertEquals(await op(sets, cpu), await op(sets, wasm));
    });
  }
});

describe("integers beyond 2^24 on cpu", () => {
  const program = (source: string, positions: number): Program => ({
    key: source,
    lengths: [1, 1],
    names: ["a", "y"],
    constants: new Map(),
    scalars: 0,
    launches: [{
      kernel: withTree({
        name: "integers",
        kernel: "integers",
        format: "flat",
        lanes: 1,
        holes: {},
        arguments: [{ name: "a", kind: "vector" }],
        constants: ["positions"],
        source: `function integers(a) { return ${source}; }`,
      }),
      grid: [1, 1, 1],
      constants: { positions },
      arguments: [{ value: 0, extents: [1, 1, 1] }],
      result: 1,
    }],
    results: [1],
  });
  for (const name of ["cpu", "wasm"] as const) {
    it(`are exact among themselves, and float32 where they meet numbers, on ${name}`, async () => {
      const executor = await createExecutor(name);
      const run = async (source: string) => {
        const executable = executor.compile(program(source, 2 ** 24 + 1));
        const [y] = inMemory((await executable.run([Float32Array.of(2 ** 24)], []))[0]);
        await executable.dispose();
        return y;
      };
      assertEquals(await run("a[this.constants.positions - 16777217] - 16777216"), 0);
      assertEquals(await run("this.constants.positions - a[0]"), 0);
      assertEquals(await run("this.constants.positions - a[0] < 1 ? 5 : 7"), 5);
      await executor.dispose();
    });
  }
});
