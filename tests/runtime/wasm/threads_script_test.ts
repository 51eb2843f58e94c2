import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LIBRARY, runScript } from "../../support/script.ts";

describe("threads of a script", () => {
  it("need no permission and do not keep a script alive", async () => {
    const { code, printed } = await runScript(`
      import { createRuntime, gdn, initGdn, tensor } from "${LIBRARY}";
      const runtime = await createRuntime({ backend: "wasm", threads: 3 });
      const x = tensor(new Float32Array(2 ** 20).fill(1), [2 ** 13, 128]);
      const y = await gdn(x, initGdn(128), { runtime });
      console.log(y.data.length);
    `);
    assertEquals([code, printed], [0, `${2 ** 20}\n`]);
  });
});
