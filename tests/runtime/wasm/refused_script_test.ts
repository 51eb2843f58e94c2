import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LIBRARY, runScript } from "../../support/script.ts";

const SCRIPT = `
  import { createRuntime, layerNorm, tensor } from "${LIBRARY}";
  await using runtime = await createRuntime();
  const { backend, fallbackReasons } = runtime.stats();
  const y = await layerNorm(tensor([[1, 3]]), {}, { runtime });
  const why = fallbackReasons.find((reason) => reason.startsWith("wasm"));
  console.log(backend, [...y.data].map(Math.round).join(), why);
  console.log(await createRuntime({ backend: "wasm" }).then(String, (error) => error.message));
`;

/** What V8 does without, and what becomes of it. */
const FLAGS = {
  "--jitless": "this runtime has no WebAssembly",
  "--no-enable-sse4-1":
    "WebAssembly refuses SIMD instructions: WebAssembly.Module(): Wasm SIMD unsupported @+13",
  "--wasm-max-module-size=8": "WebAssembly refuses a module: WebAssembly.Module(): " +
    "buffer source exceeds maximum size of 16 (is 45)",
  "--wasm-max-mem-pages=1":
    "WebAssembly refuses a memory: WebAssembly.Memory(): could not allocate memory",
};

describe("an engine", () => {
  for (const [flag, reason] of Object.entries(FLAGS)) {
    // Only processors of this kind have that instruction set.
    const there = !flag.includes("sse4") || Deno.build.arch === "x86_64";
    (there ? it : it.skip)(`with ${flag} computes on cpu, and says why`, async () => {
      const { code, printed } = await runScript(SCRIPT, flag);
      assertEquals([code, ...printed.trim().split("\n")], [
        0,
        `cpu -1,1 wasm: ${reason}`,
        `Cannot create runtime: backend must be available, got "wasm": ${reason}`,
      ]);
    });
  }
});
