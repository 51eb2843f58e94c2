/**
 * Checks one random plan on webgpu: the WGSL emitter against the tile compiler, to the bit, where all
 * numbers are integers, else against float64. And checks one random contraction in tiles.
 *
 * @module
 */
import type { Executor } from "../../ops/runtime/executor.ts";
import { loadGpu } from "../../ops/runtime/gpu/library.ts";
import { Unsupported } from "../../ops/runtime/lowering/unsupported.ts";
import { createWasmExecutor } from "../../ops/runtime/wasm/executor.ts";
import { openStock } from "../../ops/runtime/wasm/stock_steps.ts";
import { createWebGpuExecutor } from "../../ops/runtime/webgpu/executor.ts";
import { shaderWith } from "../../ops/runtime/webgpu/compiler/wgsl.ts";
import { computed } from "../support/shader.ts";
import { boundsOf } from "./bound.ts";
import { compare, exactly, run } from "./check.ts";
import { contractionOf } from "./contractions.ts";
import { caseOf } from "./generate.ts";

/**
 * Shaders divide, take roots and compute elementary functions less exactly than float32 can: 2.5 units
 * for a quotient, a few for the others (WGSL, "Accuracy of Concrete Floating Point Expressions"), where
 * the bounds allow half a unit and two.
 */
const SHADERS = 6;

/** What checks plans on webgpu. */
export interface WebGpuFuzzer {
  /**
   * Checks the case of a seed.
   *
   * @returns Whether the compiler took all of its kernels.
   * @throws {Error} If an answer is wrong, with what it takes to see why.
   */
  check(seed: number): Promise<boolean>;
  dispose(): Promise<void>;
}

/** Opens the executor to check, and the one to check it against. */
export async function createWebGpuFuzzer(): Promise<WebGpuFuzzer> {
  const webgpu = await createWebGpuExecutor();
  const tiled = createWasmExecutor({}, undefined, openStock(await loadGpu()));
  return {
    check: (seed) => check(webgpu, tiled, seed),
    async dispose() {
      await webgpu.dispose();
      await tiled.dispose();
    },
  };
}

async function check(webgpu: Executor, tiled: Executor, seed: number): Promise<boolean> {
  const test = caseOf(seed);
  const { program, inputs, scalars, exact } = test;
  // Where all numbers are small integers, every backend has to give the same bits.
  const expected = exact
    ? exactly((await run(tiled, test)).results)
    : boundsOf(program, inputs, scalars).map(({ values, errors }) => ({
      values,
      errors: errors.map((error) => SHADERS * error),
    }));
  try {
    compare(test, "webgpu", await run(webgpu, test), expected);
    return true;
  } catch (error) {
    if ((error as Error).cause instanceof Unsupported) return false;
    throw error;
  }
}

/**
 * Checks the random contraction of a seed as a tiled shader.
 *
 * @returns Whether it was tiled.
 * @throws {Error} If an answer is wrong, with what it takes to see why.
 */
export async function checkContraction(device: GPUDevice, seed: number): Promise<boolean> {
  const { launch, tile, values, scalars, expected } = contractionOf(seed);
  const shader = shaderWith(launch, { tileOf: () => tile });
  const actual = await computed(device, shader, values, scalars, expected.length);
  const wrong = expected.findIndex((value, i) => actual[i] !== value);
  if (wrong < 0) return shader.text.includes("workgroupBarrier");
  const { kernel: { source }, grid, constants, arguments: args } = launch;
  throw new Error(
    `seed ${seed}: ${actual[wrong]} at ${wrong}, not ${expected[wrong]}
${JSON.stringify({ tile, grid, constants, args })}
${source}
${shader.text}`,
  );
}
