import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createRuntime, gdn, groupNorm, initGdn } from "../../mod.ts";
import { backends, compiled } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";
import { refuses } from "../support/refusals.ts";

describe("createRuntime", () => {
  refuses("create runtime", createRuntime, [
    [
      "a second argument",
      [{ backend: "cpu" }, { threads: 2 }],
      TypeError,
      "arguments must be at most 1, got 2",
    ],
    [
      "an unknown backend",
      [{ backend: "cuda" }],
      TypeError,
      "backend must be one of auto, webgpu, wasm, webgl2, cpu, got cuda",
    ],
    [
      "an unknown compiler",
      [{ compiler: "llvm" }],
      TypeError,
      "compiler must be one of kernorm, gpu.js, got llvm",
    ],
    [
      "the same bits from gpu.js",
      [{ compiler: "gpu.js", deterministic: true }],
      TypeError,
      "deterministic must go with compiler kernorm, got gpu.js",
    ],
    [
      "threads for gpu.js",
      [{ compiler: "gpu.js", threads: 2 }],
      TypeError,
      "threads must go with compiler kernorm, got gpu.js",
    ],
    [
      "a number that says whether bits must be the same",
      [{ deterministic: 1 }],
      TypeError,
      "deterministic must be a boolean, got 1",
    ],
    ["no threads", [{ threads: 0 }], RangeError, "threads must be an integer from 1 to 64, got 0"],
    [
      "65 threads",
      [{ threads: 65 }],
      RangeError,
      "threads must be an integer from 1 to 64, got 65",
    ],
    [
      "64 threads, which may be, only where there are none",
      [{ threads: 64, backend: "cpu" }],
      TypeError,
      "threads must go with backend wasm or auto, got cpu",
    ],
    ["no plans", [{ planLimit: 0 }], RangeError, "planLimit must be an integer >= 1, got 0"],
    ["half a plan", [{ planLimit: 1.5 }], RangeError, "planLimit must be an integer >= 1, got 1.5"],
  ]);
});

describe("the compiler of a runtime", () => {
  for (const { name: backend, skip } of backends.filter(({ name }) => compiled.includes(name))) {
    const test = skip === undefined ? it : it.skip;
    const what = `may be gpu.js, whose code gives the same numbers but for rounding, on ${backend}`;
    test(`${what}${skip === undefined ? "" : `: ${skip}`}`, async () => {
      await using own = await createRuntime({ backend });
      await using theirs = await createRuntime({ backend, compiler: "gpu.js" });
      const x = randomTensor([2, 6, 5, 8], { seed: 1, mean: 3 });
      const ops = [
        (runtime: typeof own) => gdn(x, initGdn(8), { runtime }),
        (runtime: typeof own) => groupNorm(x, {}, { groups: 2, dataFormat: "NHWC", runtime }),
      ];
      for (const op of ops) assertClose((await op(theirs)).data, (await op(own)).data, 1e-6);
      const { launches, launchesByGpuJs } = theirs.stats();
      assert(launches > 2);
      assertEquals([launchesByGpuJs, own.stats().launchesByGpuJs], [launches, 0]);
    });
  }
});
