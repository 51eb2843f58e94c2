import { createRuntime, layerNorm, type RuntimeOptions, tensor } from "../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertRejected } from "../../support/reject.ts";
import { withReplaced } from "../../support/replaced.ts";
import { withoutWorkers, withSource, withWorkers } from "../../support/workers.ts";

/** A constructor that throws, with and without `new`, as a page's policy has it. */
function refusing(message: string) {
  return function () {
    throw new RangeError(message);
  };
}

/** "auto" has to take something else than wasm, or wasm without threads, and say why. */
async function assertPassedOver(options: RuntimeOptions, reason: string): Promise<void> {
  await using runtime = await createRuntime(options);
  const { backend, device, fallbackReasons } = runtime.stats();
  if (options.threads !== undefined) assertEquals(device, "WebAssembly");
  else assert(backend !== "wasm", "wasm must be passed over");
  assert(fallbackReasons.includes(reason), `${fallbackReasons} must include ${reason}`);
  const y = await layerNorm(tensor([[1, 3]]), {}, { runtime });
  assertEquals([...y.data].map(Math.round), [-1, 1]);
}

/** By name wasm is refused with the same reason, before anything runs. */
async function assertRefused(options: RuntimeOptions, reason: string): Promise<void> {
  await assertRejected(
    () => createRuntime({ ...options, backend: "wasm" }),
    Error,
    `Cannot create runtime: backend must be available, got "wasm": ${reason}`,
  );
}

describe("WebAssembly that cannot be used", () => {
  for (const [name, what] of [["Module", "a module"], ["Memory", "a memory"]] as const) {
    it(`is passed over, or refused by name, where ${what} is refused`, async () => {
      const reason = `WebAssembly refuses ${what}: by policy`;
      await withReplaced(WebAssembly, name, refusing("by policy"), async () => {
        await assertPassedOver({}, `wasm: ${reason}`);
        await assertRefused({}, reason);
        await assertRefused({ deterministic: true }, reason);
      });
    });
  }

  it("is passed over, or refused by name, where SIMD is refused", async () => {
    const { Module } = WebAssembly;
    let made = 0;
    class Scalar {
      constructor(bytes: BufferSource) {
        // Of each two modules the second has a SIMD instruction.
        if (made++ % 2 === 1) throw new WebAssembly.CompileError("no SIMD");
        return new Module(bytes);
      }
    }
    await withReplaced(WebAssembly, "Module", Scalar, async () => {
      const reason = "WebAssembly refuses SIMD instructions: no SIMD";
      await assertPassedOver({}, `wasm: ${reason}`);
      await assertRefused({}, reason);
    });
  });

  it("is passed over where there is none", async () => {
    await withReplaced(globalThis, "WebAssembly", undefined, async () => {
      await assertPassedOver({}, "wasm: this runtime has no WebAssembly");
      await assertRefused({}, "this runtime has no WebAssembly");
    });
  });
});

describe("code from strings", () => {
  it("is what cpu needs", async () => {
    const message = await withReplaced(
      globalThis,
      "Function",
      refusing("by policy"),
      () => createRuntime({ backend: "cpu" }).then(String, (error) => error.message),
    );
    assertEquals(
      message,
      'Cannot create runtime: backend must be available, got "cpu": code from strings is refused: by policy',
    );
  });
});

describe("threads that cannot start", () => {
  it("are done without, or refused by name, where workers are refused", async () => {
    const reason = "a thread could not be started: by policy";
    await withWorkers(() => refusing("by policy"), async () => {
      await assertPassedOver({ threads: 2 }, `threads: ${reason}`);
      await assertRefused({ threads: 2 }, reason);
    });
  });

  it("are done without, or refused by name, where there are none", async () => {
    const reason = "this runtime has no threads";
    await withoutWorkers(async () => {
      await assertPassedOver({ threads: 2 }, `threads: ${reason}`);
      await assertRefused({ threads: 2 }, reason);
    });
  });

  it("are done without, or refused by name, where there is no shared memory", async () => {
    const reason = "there is no shared memory (a page needs cross-origin isolation)";
    await withReplaced(globalThis, "SharedArrayBuffer", undefined, async () => {
      await assertPassedOver({ threads: 2 }, `threads: ${reason}`);
      await assertRefused({ threads: 2 }, reason);
    });
  });

  it("are done without, or refused by name, where shared memory is refused", async () => {
    const { Memory } = WebAssembly;
    class Unshared {
      constructor(options: WebAssembly.MemoryDescriptor) {
        if (options.shared) throw new RangeError("not shared");
        return new Memory(options);
      }
    }
    const reason = "WebAssembly refuses a shared memory: not shared";
    await withReplaced(WebAssembly, "Memory", Unshared, async () => {
      await assertPassedOver({ threads: 2 }, `threads: ${reason}`);
      await assertRefused({ threads: 2 }, reason);
    });
  });

  it("are done without, or refused by name, where their code throws", async () => {
    await withSource("throw new Error('at load')", () => true, async () => {
      await using runtime = await createRuntime({ threads: 2 });
      const reason = runtime.stats().fallbackReasons.at(-1) ?? "";
      assert(reason.startsWith("threads: a thread could not be started: "), reason);
      assert(reason.includes("at load"), reason);
      const refused = await createRuntime({ backend: "wasm", threads: 2 }).catch(String);
      assert(String(refused).includes("at load"), String(refused));
    });
  });
});
