import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LIBRARY, runScript } from "../../support/script.ts";

describe("threads of a script", () => {
  it("need no permission and do not keep a script alive", async () => {
    const { code, printed } = await runScript(`
      import { createRuntime, layerNorm, tensor } from "${LIBRARY}";
      const runtime = await createRuntime({ backend: "wasm", threads: 2 });
      const x = tensor(new Float32Array(2 ** 17).fill(1), [2 ** 11, 64]);
      const y = await layerNorm(x, {}, { center: false, scale: false, runtime });
      console.log(y.data.length);
    `);
    assertEquals([code, printed], [0, `${2 ** 17}\n`]);
  });
});
