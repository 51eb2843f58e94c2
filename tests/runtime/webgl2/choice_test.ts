import { createRuntime } from "../../../mod.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { withReplaced } from "../../support/replaced.ts";
import { replacing, replacingGetContext, WebGL2RenderingContext, webgl2Test } from "./page.ts";

describe("webgl2 as a choice", () => {
  const missing = [
    [
      "float render targets",
      "getExtension",
      "EXT_color_buffer_float",
      "this WebGL2 cannot render to float textures: it lacks EXT_color_buffer_float",
    ],
    [
      "highp",
      "getShaderPrecisionFormat",
      0x8DF2, // HIGH_FLOAT
      "this WebGL2 does not compute in float32: its fragment shaders lack highp",
    ],
  ] as const;
  for (const [what, method, name, reason] of missing) {
    webgl2Test(`is not there without ${what}`, async () => {
      await replacing(
        WebGL2RenderingContext,
        method,
        (original) => (...args) => args.includes(name) ? null : original(...args),
        () =>
          assertRejects(
            () => createRuntime({ backend: "webgl2" }),
            Error,
            `Cannot create runtime: backend must be available, got "webgl2": ${reason}`,
          ),
      );
    });
  }

  const UNMASKED_RENDERER = 0x9246;
  for (const fast of [true, false]) {
    const what = fast ? "takes a graphics card" : "passes over a renderer that is slow";
    webgl2Test(`by default ${what}`, async () => {
      await replacing(
        WebGL2RenderingContext,
        "getParameter",
        (getParameter) => (name) => name === UNMASKED_RENDERER ? "A card" : getParameter(name),
        () =>
          replacingGetContext(
            (getContext) => (kind, settings) => {
              const { failIfMajorPerformanceCaveat: demand } = settings as Record<string, unknown>;
              if (demand === true && !fast) return null;
              return getContext(kind, {
                ...settings as object,
                failIfMajorPerformanceCaveat: false,
              });
            },
            async () => {
              // wasm is taken first, where there is one.
              await withReplaced(globalThis, "WebAssembly", undefined, async () => {
                await using runtime = await createRuntime();
                const { backend, fallbackReasons } = runtime.stats();
                if (backend === "webgpu") return;
                const passedOver = fallbackReasons.map((reason) => reason.split(":")[0]);
                assertEquals(
                  [backend, passedOver],
                  fast ? ["webgl2", ["webgpu", "wasm"]] : ["cpu", ["webgpu", "wasm", "webgl2"]],
                );
              });
            },
          ),
      );
    });
  }

  webgl2Test("is not there where no context can be had", async () => {
    await replacingGetContext(
      () => () => null,
      () =>
        assertRejects(
          () => createRuntime({ backend: "webgl2" }),
          Error,
          'got "webgl2": no WebGL2 context could be created',
        ),
    );
  });
});
