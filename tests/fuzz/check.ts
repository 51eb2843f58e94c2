/**
 * Checks one random plan: the tile compiler against gpu.js' cpu and webasm modes.
 *
 * @module
 */
import { GuardedArena } from "../support/guarded_arena.ts";
import { createCpuExecutor } from "../../ops/runtime/cpu/executor.ts";
import type { Program } from "../../ops/plan/program.ts";
import type { Executor } from "../../ops/runtime/executor.ts";
import { loadGpu } from "../../ops/runtime/gpu/library.ts";
import { createWasmExecutor } from "../../ops/runtime/wasm/executor.ts";
import { openStock } from "../../ops/runtime/wasm/stock_steps.ts";
import type { Tile } from "../../ops/runtime/wasm/compiler/tiles.ts";
import { type Bounded, boundsOf } from "./bound.ts";
import { type Case, caseOf } from "./generate.ts";
import { inMemory } from "../support/elements.ts";

/** What is compared. */
export interface Fuzzer {
  /**
   * Checks the case of a seed.
   *
   * @returns Whether the compiler took all of its kernels.
   * @throws {Error} If an answer is wrong, with what it takes to see why.
   */
  check(seed: number): Promise<boolean>;
  dispose(): Promise<void>;
}

/** Opens the executors to compare. */
export async function createFuzzer(): Promise<Fuzzer> {
  const library = await loadGpu();
  let choose: Case["tile"] | undefined;
  const tile = (_: unknown, width: number, height: number): Tile => choose!(width, height);
  // What is read or written outside of a block of memory is seen.
  const arena = GuardedArena;
  const cpu = createCpuExecutor(library);
  const stock = createWasmExecutor({ stock: true, arena }, undefined, openStock(library));
  const tiled = createWasmExecutor({ tile, arena }, undefined, openStock(library));
  const plain = createWasmExecutor({ arena }, undefined, openStock(library));
  const exact = createWasmExecutor({ deterministic: true, arena }, undefined, openStock(library));
  const exactTiled = createWasmExecutor(
    { deterministic: true, tile, arena },
    undefined,
    openStock(library),
  );
  return {
    async check(seed) {
      const test = caseOf(seed);
      choose = test.tile;
      const stocked = await run(cpu, test);
      const { program, inputs, scalars } = test;
      // Where all numbers are small integers, every backend has to give the same bits.
      const expected = test.exact ? exactly(stocked.results) : boundsOf(program, inputs, scalars);
      compare(test, "cpu", stocked, expected);
      const { byGpuJs } = await run(tiled, test);
      for (const [name, executor] of Object.entries({ stock, tiled, plain, exactTiled })) {
        compare(test, name, await run(executor, test), expected);
      }
      // The order of tiles must not show in a single bit.
      const ordered = await run(exact, test);
      compare(test, "tiled, to the bit", await run(exactTiled, test), exactly(ordered.results));
      return byGpuJs === 0;
    },
    async dispose() {
      for (const executor of [cpu, stock, tiled, plain, exact, exactTiled]) {
        await executor.dispose();
      }
    },
  };
}

/** Results, and how many launches gpu.js' own code computed. */
export interface Answer {
  readonly results: readonly Float32Array[];
  readonly byGpuJs: number;
}

/** Runs a case, which must leave its inputs as they are. */
export async function run(
  executor: Executor,
  { program, inputs, scalars, seed }: Case,
): Promise<Answer> {
  const before = inputs.map((input) => input.slice());
  let results: Float32Array[];
  let byGpuJs: number;
  try {
    const executable = executor.compile(program);
    results = (await executable.run(inputs, scalars)).map(inMemory);
    byGpuJs = executable.byGpuJs;
    await executable.dispose();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}\n${textOf(program)}`, { cause: error });
  }
  inputs.forEach((input, i) => {
    if (!same(input, before[i])) throw new Error(`seed ${seed}: input ${i} was written`);
  });
  return { results, byGpuJs };
}

function textOf({ launches, lengths, results }: Program): string {
  return [
    `lengths ${lengths}, results ${results}`,
    ...launches.map(({ kernel, grid, constants, arguments: args, result }) =>
      `${result} = ${grid} ${JSON.stringify(constants)} ${JSON.stringify(args)}\n${kernel.source}`
    ),
  ].join("\n");
}

function same(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, i) => Object.is(value, b[i]));
}

/** Results of which every bit must be met. */
export function exactly(results: readonly Float32Array[]): Bounded[] {
  return results.map((result) => ({
    values: Float64Array.from(result),
    errors: new Float64Array(result.length),
  }));
}

/** Throws where an answer is further from what it must be than it may be. */
export function compare(
  test: Case,
  name: string,
  { results }: Answer,
  expected: readonly Bounded[],
): void {
  results.forEach((result, r) => {
    const { values, errors } = expected[r];
    const at = result.findIndex((value, i) => !(Math.abs(value - values[i]) <= errors[i]));
    if (at < 0) return;
    const { program, seed } = test;
    throw new Error(
      `seed ${seed}: ${name} gives ${result[at]} at ${at} of result ${
        program.results[r]
      }, must give ${values[at]} within ${errors[at]}; tile ${JSON.stringify(test.tile(64, 64))}\n${
        textOf(program)
      }`,
    );
  });
}
