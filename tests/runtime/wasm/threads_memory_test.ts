import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createRuntime, layerNorm, tensor } from "../../../mod.ts";

/** So large that threads are worth waking. */
const SIZE = 70_000;
const x = tensor(Float32Array.from({ length: SIZE }, (_, i) => i % 7), [1, SIZE]);

interface Messages {
  postMessage(message: Record<string, unknown>): void;
}

/** The class of the threads that this runtime has. */
const { process, Worker: PageWorker } = globalThis as unknown as {
  process?: { getBuiltinModule?(name: string): { Worker: { prototype: Messages } } };
  Worker: { prototype: Messages };
};
const Worker = process?.getBuiltinModule?.("node:worker_threads").Worker ?? PageWorker;

/** What is posted to threads while something runs: of each message its first key. */
async function posted(run: () => Promise<unknown>): Promise<string[]> {
  const kinds: string[] = [];
  const { prototype } = Worker;
  const original = prototype.postMessage;
  prototype.postMessage = function (message) {
    kinds.push(Object.keys(message)[0]);
    original.call(this, message);
  };
  try {
    await run();
  } finally {
    prototype.postMessage = original;
  }
  return kinds;
}

describe("threads", () => {
  it("give back the memory of a call when it has ended", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    await layerNorm(x, {}, { runtime });
    const { bytesHeld } = runtime.stats();
    for (let i = 0; i < 3; i++) await layerNorm(x, {}, { runtime });
    assertEquals(runtime.stats().bytesHeld, bytesHeld);
  });

  it("are told of a plan once, and to forget it when it is dropped", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2, planLimit: 1 });
    await layerNorm(x, {}, { runtime }); // starts them
    const again = await posted(() => layerNorm(x, {}, { runtime }));
    assertEquals(again, ["run", "run"]);
    const other = tensor(x.data, [2, SIZE / 2]);
    const dropped = await posted(() => layerNorm(other, {}, { runtime }));
    assertEquals(dropped.sort(), ["forget", "forget", "plan", "plan", "run", "run"]);
    const back = await posted(() => layerNorm(x, {}, { runtime }));
    assertEquals(back.sort(), ["forget", "forget", "plan", "plan", "run", "run"]);
  });
});
