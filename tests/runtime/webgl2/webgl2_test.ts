import { createRuntime, gdn, initGdn, type Tensor } from "../../../mod.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { kernels } from "../../../generated/kernels.ts";
import type { Kernel } from "../../../ops/plan/kernel.ts";
import type { Program } from "../../../ops/plan/program.ts";
import type { Executor } from "../../../ops/runtime/executor.ts";
import { createExecutor } from "../../../ops/runtime/select.ts";
import { hasFloatIndices } from "../../../ops/runtime/webgl2/kernel.ts";
import { mostTexels, textureSize } from "../../../ops/runtime/webgl2/texture.ts";
import { assertClose } from "../../support/close.ts";
import { counting } from "../../support/counting.ts";
import { randomTensor } from "../../support/random.ts";
import { replacing, someOps, WebGL2RenderingContext, webgl2Test } from "./page.ts";
import { withTree } from "../../support/kernel.ts";
import { inMemory } from "../../support/elements.ts";

/** Runs one kernel over vectors that count from 0. */
async function runOnce(executor: Executor, kernel: Kernel, length: number): Promise<Float32Array> {
  const arrays = kernel.arguments.filter(({ kind }) => kind !== "scalar").length;
  let inputs = 0;
  let scalars = 0;
  const program: Program = {
    key: "",
    lengths: [...new Array(arrays).fill(length), 8],
    names: kernel.arguments.filter(({ kind }) => kind !== "scalar").map(({ name }) => name),
    constants: new Map(),
    scalars: kernel.arguments.length - arrays,
    launches: [{
      kernel,
      grid: [8, 1, 1],
      constants: Object.fromEntries(kernel.constants.map((name) => [name, 2])),
      arguments: kernel.arguments.map(({ kind }) =>
        kind === "scalar" ? { scalar: scalars++ } : { value: inputs++, extents: [length, 1, 1] }
      ),
      result: arrays,
    }],
    results: [arrays],
  };
  const data = new Float32Array(length).map((_, i) => i);
  const executable = executor.compile(program);
  try {
    const args = [new Array(inputs).fill(data), new Array(scalars).fill(1)] as const;
    const y = inMemory((await executable.run(...args))[0]);
    return y;
  } finally {
    await executable.dispose();
  }
}

describe("webgl2", () => {
  it("has textures that hold their values, as wide as a power of two", () => {
    for (const texels of [1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 1000, 2 ** 24, 2 ** 24 + 1, 2 ** 26]) {
      const [width, height] = textureSize(texels);
      assert(width * height >= texels && width * (height - 1) < texels, `${texels}`);
      assertEquals(Math.log2(width) % 1, 0);
      assert(height <= width, `${texels}: ${width} x ${height}`);
    }
    for (const side of [64, 100, 4096, 16384]) {
      const [width, height] = textureSize(mostTexels(side));
      assert(width <= side && height <= side && 2 * width > side);
    }
  });

  it("tells integer indices from those that were floats", () => {
    const around = (body: string) =>
      `float f(int i) { return float(int(i)); }
void kernel() {\n${body}\n}\nvoid main(void) { index = int(gl_FragCoord.x); }`;
    assert(!hasFloatIndices(around("kernelResult = get(user_x, (threadId.x*4)+user_j);")));
    assert(hasFloatIndices(around("kernelResult = get(user_x, int(floor(user_half)));")));
  });

  webgl2Test("builds nothing for a second call, and waits for the device once", async () => {
    await using runtime = await createRuntime({ backend: "webgl2" });
    const owners = [
      "createShader",
      "createProgram",
      "createTexture",
      "texStorage2D",
      "fenceSync",
      "getError",
    ].map((name) => [WebGL2RenderingContext, name] as const);
    for (const call of someOps(runtime)) {
      await call();
      assertEquals(await counting(owners, call), {
        createShader: 0,
        createProgram: 0,
        createTexture: 0,
        texStorage2D: 0,
        fenceSync: 1,
        getError: 1,
      });
    }
  });

  webgl2Test("refuses what no texture can hold, by its name", async () => {
    const MAX_TEXTURE_SIZE = 0x0D33;
    await replacing(
      WebGL2RenderingContext,
      "getParameter",
      (getParameter) => (name) => name === MAX_TEXTURE_SIZE ? 50 : getParameter(name),
      async () => {
        await using runtime = await createRuntime({ backend: "webgl2" });
        await gdn(randomTensor([1, 128, 8]), initGdn(8), { runtime });
        await assertRejects(
          () => gdn(randomTensor([1, 129, 8]), initGdn(8), { runtime }),
          RangeError,
          "Cannot run on webgl2: x must have at most 1024 elements, got 1032",
        );
      },
    );
  });

  webgl2Test("reads four numbers per texel where it has to", async () => {
    const READ_FORMAT = 0x8B9B;
    const RGBA = 0x1908;
    await using cpu = await createRuntime({ backend: "cpu" });
    const expected = await someOps(cpu)[1]() as { y: Tensor; state: { movingMean: Tensor } };
    await replacing(
      WebGL2RenderingContext,
      "getParameter",
      (getParameter) => (name) => name === READ_FORMAT ? RGBA : getParameter(name),
      async () => {
        await using runtime = await createRuntime({ backend: "webgl2" });
        const actual = await someOps(runtime)[1]() as typeof expected;
        assertClose(actual.y.data, expected.y.data, 1e-5);
        assertClose(actual.state.movingMean.data, expected.state.movingMean.data, 1e-6);
      },
    );
  });

  webgl2Test("computes the indices of every kernel in integers", async () => {
    const executor = await createExecutor("webgl2");
    const shaders: string[] = [];
    await replacing(WebGL2RenderingContext, "shaderSource", (shaderSource) => (shader, text) => {
      shaders.push(text as string);
      return shaderSource(shader, text);
    }, async () => {
      for (const kernel of kernels) await runOnce(executor, kernel, 8);
    });
    await executor.dispose();
    const fragments = shaders.filter((text) => text.includes("void kernel()"));
    assertEquals(fragments.length, kernels.length);
    assertEquals(fragments.filter(hasFloatIndices), []);
  });

  webgl2Test("refuses what an index computed in floats cannot count, by its name", async () => {
    const executor = await createExecutor("webgl2");
    const kernel = withTree({
      name: "middle",
      kernel: "middle",
      format: "flat",
      lanes: 1,
      holes: {},
      arguments: [{ name: "a", kind: "vector" }],
      constants: [],
      source:
        "function middle(a) { const half = Math.floor(this.thread.x * 0.5); return a[half]; }",
    });
    assertEquals([...await runOnce(executor, kernel, 8)], [0, 0, 1, 1, 2, 2, 3, 3]);
    await assertRejects(
      () => runOnce(executor, kernel, 2 ** 24 + 1),
      RangeError,
      "Cannot run on webgl2: a must have at most 16777216 elements along an axis, got 16777217",
    );
    await executor.dispose();
  });
});
