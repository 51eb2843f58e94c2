import { createRuntime, gdn, initGdn, type Runtime, tensor } from "../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { random } from "../../support/random.ts";
import { withMade, withSource } from "../../support/workers.ts";

/** So large that threads are worth waking. */
const next = random(3);
const x = tensor(Float32Array.from({ length: 2 ** 17 }, next), [2 ** 11, 64]);
const params = initGdn(64);

async function rejectionOf(pending: Promise<unknown>): Promise<string> {
  return await pending.then(() => "it resolved", (error) => (error as Error).message);
}

function assertEnded(message: string): void {
  const expected =
    "Cannot run on wasm: every thread must go on until the call is done, got one that ended: ";
  assert(message.startsWith(expected), message);
}

/** The next call has threads of its own. */
async function assertGoesOn(runtime: Runtime): Promise<void> {
  await using alone = await createRuntime({ backend: "wasm" });
  assertEquals(await gdn(x, params, { runtime }), await gdn(x, params, { runtime: alone }));
}

/** Starts as a thread of the library does, and ends when it is to run a plan. */
const DESERTER = `
  const onNode = typeof require === "function";
  const port = onNode ? require("node:worker_threads").parentPort : self;
  const receive = ({ run }) => run && (onNode ? process.exit(3) : close());
  if (onNode) port.on("message", receive);
  else port.onmessage = ({ data }) => receive(data);
  const ready = (locked) => port.postMessage({ locked });
  if (onNode) ready(false);
  else navigator.locks.request(name, () => (ready(true), new Promise(() => {})));
`;

describe("a thread that ends by itself", () => {
  for (const index of [0, 1]) {
    it(`rejects the pending calls, and others take its place (number ${index})`, async () => {
      const three = (runtime: Runtime) => [1, 2, 3].map(() => gdn(x, params, { runtime }));
      await using usual = await createRuntime({ backend: "wasm", threads: 2 });
      await Promise.all(three(usual));
      await withSource(DESERTER, (number) => number === index, async () => {
        await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
        for (const pending of three(runtime)) assertEnded(await rejectionOf(pending));
        await assertGoesOn(runtime);
        // What the rejected calls had taken has been given back.
        await Promise.all(three(runtime));
        assertEquals(runtime.stats().bytesHeld, usual.stats().bytesHeld);
      });
    });
  }

  it("between two calls is noticed", async () => {
    await withMade(async (made) => {
      await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
      await gdn(x, params, { runtime });
      await made[1].terminate();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await assertGoesOn(runtime);
    });
  });

  it("at its start rejects the call", async () => {
    // The first is started when the runtime is created, the second by the first call.
    const broken = "throw new Error('at load')";
    await withSource(broken, (number) => number === 1, async () => {
      await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
      const message = await rejectionOf(gdn(x, params, { runtime }));
      assertEnded(message);
      assert(message.includes("at load"), message);
      await assertGoesOn(runtime);
    });
  });

  it("because it was asked to end rejects nothing", async () => {
    const runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const pending = gdn(x, params, { runtime });
    await runtime.dispose();
    assertEquals((await pending).shape, x.shape);
    assertEquals(
      await rejectionOf(gdn(x, params, { runtime })),
      "Cannot run: runtime must not be disposed, got a disposed runtime",
    );
  });
});
