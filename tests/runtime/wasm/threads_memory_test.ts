import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createRuntime, gdn, initGdn, tensor } from "../../../mod.ts";
import { posted } from "../../support/posted.ts";

/** So large that threads are worth waking. */
const SIZE = 2 ** 19;
const CHANNELS = 128;
const x = tensor(Float32Array.from({ length: SIZE }, (_, i) => i % 7), [SIZE / CHANNELS, CHANNELS]);
const params = initGdn(CHANNELS);

describe("threads", () => {
  it("give back the memory of a call when it has ended", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
    await gdn(x, params, { runtime });
    const { bytesHeld } = runtime.stats();
    for (let i = 0; i < 3; i++) await gdn(x, params, { runtime });
    assertEquals(runtime.stats().bytesHeld, bytesHeld);
  });

  it("are told of a plan once, and to forget it when it is dropped", async () => {
    await using runtime = await createRuntime({ backend: "wasm", threads: 2, planLimit: 1 });
    await gdn(x, params, { runtime });
    const again = await posted(() => gdn(x, params, { runtime }));
    assertEquals(again, ["run"]);
    const other = tensor(x.data, [2, SIZE / 2 / CHANNELS, CHANNELS]);
    const dropped = await posted(() => gdn(other, params, { runtime }));
    assertEquals(dropped.sort(), ["forget", "plan", "run"]);
    const back = await posted(() => gdn(x, params, { runtime }));
    assertEquals(back.sort(), ["forget", "plan", "run"]);
  });
});
