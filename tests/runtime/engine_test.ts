import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createRuntime, pipeline, type Tensor, tensor } from "../../mod.ts";
import { Engine } from "../../ops/runtime/engine.ts";
import type { Program } from "../../ops/plan/program.ts";
import type { Executor } from "../../ops/runtime/executor.ts";
import { itOnEachBackend } from "../support/backends.ts";

const program = (key: string): Program => ({
  key,
  lengths: [1, 1],
  names: ["x"],
  constants: new Map(),
  scalars: 0,
  launches: [],
  results: [1],
});

/** An executor that writes down what is done with it; runs end when they are told to, or at once. */
function recordingExecutor(pending?: Map<string, (error?: Error) => void>) {
  const log: string[] = [];
  const executor: Executor = {
    backend: "cpu",
    device: "a list",
    bytes: 1000,
    compile({ key }) {
      log.push(`compile ${key}`);
      return {
        bytes: 10,
        byGpuJs: 1,
        run: () =>
          pending
            ? new Promise((resolve, reject) => {
              pending.set(key, (error) => error ? reject(error) : resolve([]));
            })
            : [],
        dispose: () => void log.push(`dispose ${key}`),
      };
    },
    dispose() {
      log.push("dispose all");
      return Promise.resolve();
    },
  };
  return { log, executor };
}

describe("an engine", () => {
  it("disposes the plan that has not run for longest, and compiles it anew", () => {
    const { log, executor } = recordingExecutor();
    const engine = new Engine(executor, 2);
    for (const key of ["a", "b", "a", "c", "b"]) engine.run(program(key), [], []);
    assertEquals(log, [
      "compile a",
      "compile b",
      "compile c",
      "dispose b",
      "compile b",
      "dispose a",
    ]);
    const { plansCompiled, plansCached, runs, launches, bytesHeld } = engine.stats();
    assertEquals([plansCompiled, plansCached, runs.cpu, launches, bytesHeld], [4, 2, 5, 0, 1020]);
  });

  it("disposes a plan only when no run needs it any more, also after a failure", async () => {
    const pending = new Map<string, (error?: Error) => void>();
    const { log, executor } = recordingExecutor(pending);
    const engine = new Engine(executor, 1);
    const [a, b] = ["a", "b"].map((key) => Promise.resolve(engine.run(program(key), [], [])));
    const c = Promise.resolve(engine.run(program("c"), [], []));
    assertEquals(log, ["compile a", "compile b", "compile c"]);
    pending.get("a")!();
    await a;
    assertEquals(log.slice(3), ["dispose a"]);
    pending.get("b")!(new Error("lost"));
    await assertRejects(() => b, Error, "lost");
    assertEquals(log.slice(4), ["dispose b"]);
    pending.get("c")!();
    await c;
    assertEquals([log.length, engine.stats().bytesHeld], [5, 1010]);
  });

  it("disposes everything in the end, after the runs that are pending, and once", async () => {
    const pending = new Map<string, () => void>();
    const { log, executor } = recordingExecutor(pending);
    const engine = new Engine(executor, 4);
    const runs = ["a", "b"].map((key) => Promise.resolve(engine.run(program(key), [], [])));
    const disposed = engine.dispose();
    assertEquals(log, ["compile a", "compile b"]);
    pending.forEach((end) => end());
    await Promise.all([...runs, disposed, engine.dispose()]);
    assertEquals(log.slice(2), ["dispose a", "dispose b", "dispose all"]);
    assertEquals([engine.ended, engine.stats().plansCached], [true, 0]);
  });
});

describe("results", () => {
  itOnEachBackend(
    "are never the caller's own arrays, and no two are one array",
    async (runtime) => {
      const x = tensor([[1, 2, 3]]);
      const same = pipeline((_, input: Tensor) => input, { runtime });
      const both = pipeline((ops, input: Tensor) => {
        const h = ops.scale(input, 2);
        return [input, h, input, h];
      }, { runtime });
      const captured = pipeline((_, _input: Tensor) => ({ x }), { runtime });
      const all = [await same(x), ...await both(x), (await captured(x)).x];
      const buffers = new Set(all.map(({ data }) => data.buffer));
      assertEquals([buffers.size, buffers.has(x.data.buffer)], [6, false]);
      all.forEach(({ data }) => data.fill(9));
      assertEquals(x, tensor([[1, 2, 3]]));
    },
  );

  it("are not the caller's own arrays on the shared runtime either", async () => {
    const x = tensor([[1, 2, 3]]);
    const same = pipeline((_, input: Tensor) => input);
    for (let i = 0; i < 2; i++) assert((await same(x)).data !== x.data);
  });
});

describe("a pipeline's traces", () => {
  it("are kept for 64 sets of shapes, and dropped, the least recently used first", async () => {
    await using runtime = await createRuntime({ backend: "cpu" });
    let traces = 0;
    const run = pipeline((_, x: Tensor) => (traces++, x), { runtime });
    const traced = async (length: number) => {
      const before = traces;
      await run(tensor(new Float32Array(length)));
      return traces > before;
    };
    for (let length = 1; length <= 64; length++) assert(await traced(length));
    assert(!await traced(1), "the 64 latest are kept");
    assert(await traced(65));
    assert(!await traced(1), "the one that was used again is kept");
    assert(await traced(2), "the one that was not is dropped");
  });
});
