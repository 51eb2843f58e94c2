import { createRuntime, groupNorm } from "../../../mod.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { assertClose } from "../../support/close.ts";
import { randomTensor } from "../../support/random.ts";
import {
  liveAfter,
  lose,
  type Methods,
  replacing,
  someOps,
  WebGL2RenderingContext,
  webgl2Test,
  withContexts,
} from "./page.ts";

describe("a WebGL2 context", () => {
  webgl2Test("gives back every object and every context", async () => {
    const contexts: Methods[] = [];
    await withContexts((gl) => contexts.push(gl), async () => {
      // gpu.js keeps a context of its own to try things on.
      await (await createRuntime({ backend: "webgl2" })).dispose();
      for (const planLimit of [1, 64]) {
        const live = await liveAfter(async () => {
          const runtime = await createRuntime({ backend: "webgl2", planLimit });
          await Promise.all(someOps(runtime).map((call) => call()));
          await runtime.dispose();
        });
        assertEquals(live, { Texture: 0, Buffer: 0, Framebuffer: 0, Shader: 0, Program: 0 });
      }
    });
    assert(contexts.length >= 4);
    assertEquals(contexts.map((gl) => gl.isContextLost()), contexts.map(() => true));
  });

  webgl2Test("outlives more contexts than a browser keeps", async () => {
    await using runtime = await createRuntime({ backend: "webgl2" });
    const [call] = someOps(runtime);
    const first = await call();
    for (let i = 0; i < 20; i++) await (await createRuntime({ backend: "webgl2" })).dispose();
    assertEquals(await call(), first);
  });

  webgl2Test("loses a context at the cost of one retry", async () => {
    const x = randomTensor([2, 40, 8], { seed: 181 });
    await using cpu = await createRuntime({ backend: "cpu" });
    const expected = await groupNorm(x, {}, { groups: 2, runtime: cpu });
    const contexts: Methods[] = [];
    await withContexts((gl) => contexts.push(gl), async () => {
      await using runtime = await createRuntime({ backend: "webgl2" });
      await groupNorm(x, {}, { groups: 2, runtime });
      for (const when of ["before", "meanwhile", "twice pending"]) {
        const known = contexts.length;
        const gl = contexts.at(-1)!;
        if (when === "before") lose(gl);
        const input = { shape: x.shape, data: x.data.slice() };
        const pending = [groupNorm(input, {}, { groups: 2, runtime })];
        if (when === "twice pending") pending.push(groupNorm(input, {}, { groups: 2, runtime }));
        input.data.fill(0);
        if (when !== "before") lose(gl);
        for (const y of await Promise.all(pending)) assertClose(y.data, expected.data, 1e-5, when);
        assertEquals(contexts.length, known + 1, when);
      }
    });
  });

  webgl2Test("reports a context that is lost again", async () => {
    const x = randomTensor([2, 40, 8], { seed: 182 });
    const contexts: Methods[] = [];
    await withContexts((gl) => contexts.push(gl), async () => {
      await using runtime = await createRuntime({ backend: "webgl2" });
      await groupNorm(x, {}, { groups: 2, runtime });
      await withContexts(lose, async () => {
        lose(contexts.at(-1)!);
        await assertRejects(() => groupNorm(x, {}, { groups: 2, runtime }), Error);
      });
      // With a context that lives, the same runtime works again.
      assertEquals((await groupNorm(x, {}, { groups: 2, runtime })).shape, x.shape);
    });
  });

  webgl2Test("reports what the context has noted, leaves nothing behind, and goes on", async () => {
    const OUT_OF_MEMORY = 0x0505;
    const live = await liveAfter(async () => {
      await using runtime = await createRuntime({ backend: "webgl2" });
      const [call] = someOps(runtime);
      const expected = await call();
      // While a program is built, and while one runs.
      for (const other of [someOps(runtime)[1], call]) {
        let errors = 1;
        await replacing(
          WebGL2RenderingContext,
          "getError",
          (getError) => () => errors-- > 0 ? OUT_OF_MEMORY : getError(),
          () => assertRejects(other, Error, "Cannot run on webgl2: out of memory"),
        );
      }
      assertEquals(await call(), expected);
    });
    assertEquals(live, { Texture: 0, Buffer: 0, Framebuffer: 0, Shader: 0, Program: 0 });
  });
});
