import {
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  initGdn,
  pipeline,
} from "../mod.ts";
import type { Tensor } from "../mod.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { kernels } from "../generated/kernels.ts";
import type { Kernel } from "../ops/_kernel.ts";
import type { Executor, Program } from "../ops/runtime/executor.ts";
import { createExecutor } from "../ops/runtime/select.ts";
import { hasFloatIndices } from "../ops/runtime/webgl2/kernel.ts";
import { mostTexels, textureSize } from "../ops/runtime/webgl2/texture.ts";
import { skipOf } from "./backends.ts";
import { assertClose } from "./close.ts";
import { counting } from "./counting.ts";
import { randomTensor } from "./random.ts";

/** A method of a platform's object, by its name. */
type Methods = Record<string, (...args: unknown[]) => unknown>;

const { WebGL2RenderingContext, OffscreenCanvas, HTMLCanvasElement } =
  globalThis as unknown as Record<
    "WebGL2RenderingContext" | "OffscreenCanvas" | "HTMLCanvasElement",
    { prototype: Methods }
  >;

const skip = skipOf("webgl2");

/** A test of the executor at work. */
function test(what: string, body: () => Promise<void>): void {
  if (skip === undefined) it(what, body);
  else it.skip(`${what}: ${skip}`, body);
}

/** Runs a task with a method replaced; the replacement is given the original. */
async function replacing<T>(
  { prototype }: { prototype: Methods },
  name: string,
  replace: (original: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
  task: () => Promise<T>,
): Promise<T> {
  const original = prototype[name];
  prototype[name] = function (...args) {
    return replace((...given) => original.apply(this, given)).apply(this, args);
  };
  try {
    return await task();
  } finally {
    prototype[name] = original;
  }
}

/** Runs a task with `getContext` replaced, on canvases of both kinds. */
function replacingGetContext<T>(
  replace: (getContext: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
  task: () => Promise<T>,
): Promise<T> {
  return replacing(
    OffscreenCanvas,
    "getContext",
    replace,
    () => replacing(HTMLCanvasElement, "getContext", replace, task),
  );
}

/** Runs a task while every context that is created is noted, and may be tampered with. */
function withContexts<T>(tamper: (gl: Methods) => void, task: () => Promise<T>): Promise<T> {
  return replacingGetContext((getContext) => (...args) => {
    const gl = getContext(...args) as Methods | null;
    if (gl !== null) tamper(gl);
    return gl;
  }, task);
}

/** How many objects of each kind a task leaves behind. */
async function liveAfter(task: () => Promise<unknown>): Promise<Record<string, number>> {
  const kinds = ["Texture", "Buffer", "Framebuffer", "Shader", "Program"];
  const live = kinds.map(() => new Set<unknown>());
  const watched = kinds.reduce(
    (inner, kind, i) => () =>
      replacing(WebGL2RenderingContext, `create${kind}`, (create) => (...args) => {
        const object = create(...args);
        live[i].add(object);
        return object;
      }, () =>
        replacing(WebGL2RenderingContext, `delete${kind}`, (remove) => (object) => {
          live[i].delete(object);
          return remove(object);
        }, inner)),
    task,
  );
  await watched();
  return Object.fromEntries(kinds.map((kind, i) => [kind, live[i].size]));
}

function lose(gl: Methods): void {
  (gl.getExtension("WEBGL_lose_context") as Methods).loseContext();
}

/** Runs one kernel over vectors that count from 0. */
async function runOnce(executor: Executor, kernel: Kernel, length: number): Promise<Float32Array> {
  const arrays = kernel.arguments.filter(({ kind }) => kind !== "scalar").length;
  let [inputs, scalars] = [0, 0];
  const program: Program = {
    key: "",
    lengths: [...new Array(arrays).fill(length), 8],
    names: kernel.arguments.filter(({ kind }) => kind !== "scalar").map(({ name }) => name),
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
    const [y] = await executable.run(new Array(inputs).fill(data), new Array(scalars).fill(1));
    return y;
  } finally {
    await executable.dispose();
  }
}

function ops(runtime: Awaited<ReturnType<typeof createRuntime>>) {
  const x = randomTensor([2, 6, 5, 8], { seed: 3 });
  const { params, state } = initBatchNorm(8);
  const variables = initGdn(8);
  const both = pipeline((ops, x: Tensor) => {
    const h = ops.groupNorm(ops.gdn(x, variables), {}, { groups: 2, center: false, scale: false });
    return ops.batchNorm(h, params, state);
  }, { runtime });
  return [
    () => gdn(x, variables, { runtime }),
    () => batchNorm(x, params, state, { dataFormat: "NHWC", runtime }),
    () => both(x),
  ];
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

  test("builds nothing for a second call, and waits for the device once", async () => {
    await using runtime = await createRuntime({ backend: "webgl2" });
    const owners = [
      "createShader",
      "createProgram",
      "createTexture",
      "texStorage2D",
      "fenceSync",
      "getError",
    ].map((name) => [WebGL2RenderingContext, name] as const);
    for (const call of ops(runtime)) {
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
    assertEquals(runtime.stats().executorKinds, ["webgl2"]);
  });

  test("gives back every object and every context", async () => {
    const contexts: Methods[] = [];
    await withContexts((gl) => contexts.push(gl), async () => {
      // gpu.js keeps a context of its own to try things on.
      await (await createRuntime({ backend: "webgl2" })).dispose();
      for (const planLimit of [1, 64]) {
        const live = await liveAfter(async () => {
          const runtime = await createRuntime({ backend: "webgl2", planLimit });
          await Promise.all(ops(runtime).map((call) => call()));
          await runtime.dispose();
        });
        assertEquals(live, { Texture: 0, Buffer: 0, Framebuffer: 0, Shader: 0, Program: 0 });
      }
    });
    assert(contexts.length >= 4);
    assertEquals(contexts.map((gl) => gl.isContextLost()), contexts.map(() => true));
  });

  test("outlives more contexts than a browser keeps", async () => {
    await using runtime = await createRuntime({ backend: "webgl2" });
    const [call] = ops(runtime);
    const first = await call();
    for (let i = 0; i < 20; i++) await (await createRuntime({ backend: "webgl2" })).dispose();
    assertEquals(await call(), first);
  });

  test("loses a context at the cost of one retry", async () => {
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

  test("reports a context that is lost again", async () => {
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

  test("reports what the context has noted, leaves nothing behind, and goes on", async () => {
    const OUT_OF_MEMORY = 0x0505;
    const live = await liveAfter(async () => {
      await using runtime = await createRuntime({ backend: "webgl2" });
      const [call] = ops(runtime);
      const expected = await call();
      // While a program is built, and while one runs.
      for (const other of [ops(runtime)[1], call]) {
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

  test("refuses what no texture can hold, by its name", async () => {
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

  test("reads four numbers per texel where it has to", async () => {
    const READ_FORMAT = 0x8B9B;
    const RGBA = 0x1908;
    await using cpu = await createRuntime({ backend: "cpu" });
    const expected = await ops(cpu)[1]() as { y: Tensor; state: { movingMean: Tensor } };
    await replacing(
      WebGL2RenderingContext,
      "getParameter",
      (getParameter) => (name) => name === READ_FORMAT ? RGBA : getParameter(name),
      async () => {
        await using runtime = await createRuntime({ backend: "webgl2" });
        const actual = await ops(runtime)[1]() as typeof expected;
        assertClose(actual.y.data, expected.y.data, 1e-5);
        assertClose(actual.state.movingMean.data, expected.state.movingMean.data, 1e-6);
      },
    );
  });

  test("computes the indices of every kernel in integers", async () => {
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

  test("refuses what an index computed in floats cannot count, by its name", async () => {
    const executor = await createExecutor("webgl2");
    const kernel: Kernel = {
      name: "middle",
      kernel: "middle",
      format: "flat",
      lanes: 1,
      holes: {},
      arguments: [{ name: "a", kind: "vector" }],
      constants: [],
      source:
        "function middle(a) { const half = Math.floor(this.thread.x * 0.5); return a[half]; }",
    };
    assertEquals([...await runOnce(executor, kernel, 8)], [0, 0, 1, 1, 2, 2, 3, 3]);
    await assertRejects(
      () => runOnce(executor, kernel, 2 ** 24 + 1),
      RangeError,
      "Cannot run on webgl2: a must have at most 16777216 elements along an axis, got 16777217",
    );
    await executor.dispose();
  });

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
    test(`is not there without ${what}`, async () => {
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
    test(`by default ${what}`, async () => {
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
              await using runtime = await createRuntime();
              const { backend, fallbackReasons } = runtime.stats();
              if (backend === "webgpu") return;
              const passedOver = fallbackReasons.map((reason) => reason.split(":")[0]);
              assertEquals(
                [backend, passedOver],
                fast ? ["webgl2", ["webgpu"]] : ["wasm", ["webgpu", "webgl2"]],
              );
            },
          ),
      );
    });
  }

  test("is not there where no context can be had", async () => {
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
