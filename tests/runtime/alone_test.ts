import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type BackendName, compiled, skipOf } from "../support/backends.ts";
import { LIBRARY } from "../support/script.ts";

const scriptOf = (backend: BackendName) => `
  const { createRuntime, gdn, groupNormVjp, initGdn, tensor } = await import(${
  JSON.stringify(LIBRARY)
});
  const x = tensor([[1, 2], [3, 5]]);
  const on = async (options) => {
    await using runtime = await createRuntime(options);
    const y = await gdn(x, initGdn(2), { runtime });
    const { vjp } = await groupNormVjp(y, {}, { groups: 1, runtime });
    return (await vjp(x)).x.data.length;
  };
  for (const compiler of ["kernorm", "gpu.js"]) {
    console.log(await on({ backend: "${backend}", compiler }).catch((error) => error.message));
  }
`;

describe("a backend with a compiler of its own", () => {
  for (const backend of compiled) {
    const skip = skipOf(backend);
    const test = skip === undefined ? it : it.skip;
    const what = `runs without gpu.js, unless that is to be the compiler, on ${backend}`;
    test(`${what}${skip === undefined ? "" : `: ${skip}`}`, async () => {
      const absent = "data:text/javascript,throw new Error('gpu.js was loaded')";
      const file = await Deno.makeTempFile({ suffix: ".json" });
      try {
        await Deno.writeTextFile(file, JSON.stringify({ imports: { "gpu.js": absent } }));
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: [
            "eval",
            "--no-config",
            "--no-lock",
            `--import-map=${file}`,
            scriptOf(backend),
          ],
          stderr: "inherit",
        }).output();
        assertEquals(new TextDecoder().decode(stdout).split("\n"), [
          "4",
          `Cannot create runtime: backend must be available, got "${backend}": gpu.js was loaded`,
          "",
        ]);
      } finally {
        await Deno.remove(file);
      }
    });
  }
});
