import { createRuntime, gdn, initGdn, type Runtime, tensor } from "../../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { posted } from "../../support/posted.ts";
import { random } from "../../support/random.ts";
import { assertSameBits } from "../../support/same_bits.ts";
import {
  type AnyWorker,
  settled,
  withMade,
  withSource,
  withWorkers,
} from "../../support/workers.ts";

/** So large that threads are worth waking. */
const next = random(3);
const x = tensor(Float32Array.from({ length: 2 ** 19 }, next), [2 ** 12, 128]);
const params = initGdn(128);

await using alone = await createRuntime({ backend: "wasm" });
const expected = await gdn(x, params, { runtime: alone });

async function assertRight(runtime: Runtime): Promise<void> {
  assertSameBits(await gdn(x, params, { runtime }), expected);
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
  it("leaves its share to the others, and another takes its place", async () => {
    await withMade((made) =>
      withSource(DESERTER, (number) => number === 0, async () => {
        await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
        for (let i = 0; i < 3; i++) await assertRight(runtime);
        await settled();
        await assertRight(runtime);
        assertEquals(made.length, 2);
        await settled();
        assertEquals(await posted(() => assertRight(runtime)), ["plan", "run"]);
      })
    );
  });

  it("between two calls is noticed", async () => {
    await withMade(async (made) => {
      await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
      await assertRight(runtime);
      await made[0].terminate();
      await settled();
      assertEquals(await posted(() => assertRight(runtime)), []);
      assertEquals(made.length, 2);
      await settled();
      assertEquals(await posted(() => assertRight(runtime)), ["plan", "run"]);
    });
  });

  it("at its start is not needed, and no more are started if others do the same", async () => {
    const broken = "throw new Error('at load')";
    await withMade((made) =>
      withSource(broken, (number) => number > 0, async () => {
        await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
        await made[0].terminate();
        for (let i = 0; i < 12; i++) {
          await settled();
          await assertRight(runtime);
        }
        assertEquals(made.length, 9);
      })
    );
  });

  it("and whose successors a page refuses is done without", async () => {
    let asked = 0;
    let first: AnyWorker | undefined;
    await withWorkers((original) =>
      class extends original {
        constructor(code: string, options: object) {
          if (asked++ > 0) throw new Error("by policy");
          super(code, options);
          first = this;
        }
      }, async () => {
      await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
      await first!.terminate();
      await settled();
      for (let i = 0; i < 12; i++) await assertRight(runtime);
      assertEquals(asked, 9);
    });
  });

  it("because it was asked to end rejects nothing", async () => {
    const runtime = await createRuntime({ backend: "wasm", threads: 2 });
    const pending = gdn(x, params, { runtime });
    await runtime.dispose();
    assertEquals((await pending).shape, x.shape);
    assertEquals(
      await gdn(x, params, { runtime }).then(() => "it resolved", ({ message }) => message),
      "Cannot run: runtime must not be disposed, got a disposed runtime",
    );
  });
});
