import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import config from "../../deno.json" with { type: "json" };
import { loadGpu } from "../../ops/runtime/gpu/library.ts";
import { launchedWebGl2Kernel } from "../../ops/runtime/webgl2/kernel.ts";

/** The version whose private parts ops/runtime/gpu/declarations.ts describes. */
const VERSION = "2.24.1";

describe("gpu.js", () => {
  it("is pinned to the version that the executors extend", async () => {
    assertEquals(config.imports["gpu.js"], `npm:gpu.js@${VERSION}`);
    const map = JSON.parse(
      await Deno.readTextFile(new URL("../npm.import_map.json", import.meta.url)),
    );
    assertEquals(map.imports["gpu.js"], config.imports["gpu.js"]);
  });

  it("has the parts that the executors replace", async () => {
    const {
      CPUKernel,
      CPUFunctionNode,
      WebAssemblyKernel,
      WebAssemblyFunctionNode,
      WebGL2Kernel,
      WebGPUKernel,
      FunctionBuilder,
    } = await loadGpu();
    const parts: [object, string[]][] = [
      [CPUKernel.prototype, [
        "translateSource",
        "_processConstants",
        "_processArguments",
        "_resultImmutableKernel1DLoop",
        "_resultImmutableKernel2DLoop",
        "_resultImmutableKernel3DLoop",
      ]],
      [CPUFunctionNode.prototype, [
        "astGeneric",
        "astLiteral",
        "astBinaryExpression",
        "astAssignmentExpression",
        "astCallExpression",
        "astMemberExpression",
        "getDeclaration",
        "getMemberExpressionDetails",
        "isInput",
      ]],
      [WebAssemblyKernel.prototype, [
        "translateSource",
        "computeLayout",
        "_assembleModule",
        "_instantiate",
      ]],
      [WebAssemblyKernel, ["dispatchSpans"]],
      [WebAssemblyFunctionNode.prototype, [
        "stmtVariableDeclaration",
        "getDeclaration",
        "astKey",
        "getJsAST",
        "traceFunctionAST",
      ]],
      [WebGPUKernel.prototype, ["assembleWGSL", "_computeDispatch", "_shapeOutput"]],
      [WebGL2Kernel.prototype, [
        "validateSettings",
        "checkTextureSize",
        "updateMaxTexSize",
        "getFragmentShader",
        "_pollFence",
      ]],
      [FunctionBuilder, ["fromKernel"]],
    ];
    const missing = parts.flatMap(([owner, names]) =>
      names.filter((name) => typeof (owner as Record<string, unknown>)[name] !== "function")
    );
    assertEquals(missing, []);
  });

  it("has the fragment shader that the webgl2 executor changes", async () => {
    const { WebGL2Kernel } = await loadGpu();
    launchedWebGl2Kernel(WebGL2Kernel); // throws if it has not
  });

  it("leaves the global Worker where it was", async () => {
    const { Worker } = globalThis;
    await loadGpu();
    assertEquals(globalThis.Worker, Worker);
  });
});
