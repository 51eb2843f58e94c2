/**
 * What a call on a tiny tensor costs beside the WebAssembly function that does its work: hot, one call
 * after the other, and rare, among other work that has the caches to itself.
 *
 * @module
 */
import { batchNorm, createRuntime, pipeline, type Tensor, tensor } from "../mod.ts";
import { outputOf } from "../ops/call/output.ts";
import { recordBatchNorm } from "../ops/batch_norm/batch_norm.ts";
import { Plan } from "../ops/plan/plan.ts";
import { Arena } from "../ops/runtime/wasm/arena.ts";
import { compilePlan } from "../ops/runtime/wasm/compiler/compile.ts";
import { link } from "../ops/runtime/wasm/link.ts";
import { hasRelaxedMultiplyAdd } from "../ops/runtime/wasm/support.ts";
import { OtherWork } from "./other_work.ts";
import { inputsOf } from "./inputs.ts";
import { operandsOf } from "./peers/ours_calls.ts";
import { median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";
import { workloads } from "./workloads.ts";

/** How many times as long as the bare function a call may take. */
const BARS = { sync: { hot: 10, rare: 3 }, awaited: { hot: 30 } };
const WORKLOAD = "tiny batchNorm inference 1x4x4x16 NHWC";
const WARM_UP = 5;
const ROUNDS = 41;
/** Hot calls are timed many at a time, so that the clock's grain is nothing. */
const CALLS = 400;

type Way = () => unknown;

/** Microseconds of one call, in the middle of the rounds. */
interface Times {
  readonly hot: number;
  readonly rare: number;
}

/** A verdict for each bar. */
export async function smallCalls(): Promise<Verdict[]> {
  console.error(`${WORKLOAD}: calls and the bare function ...`);
  const { bare, copy, ...ways } = await timesOfAll();
  return Object.entries(BARS).flatMap(([name, bars]) =>
    Object.entries(bars).map(([when, most]): Verdict => {
      const ours = ways[name as keyof typeof BARS][when as keyof Times];
      const theirs = bare[when as keyof Times];
      const ratio = ours / theirs;
      return {
        what: `${WORKLOAD}: ${name}, ${when}, to the bare function`,
        bar: `<= ${most}x`,
        measured: `${ratio.toFixed(1)}x: ${ours.toFixed(2)} us to ${
          theirs.toFixed(2)
        }; a copy of y ${copy[when as keyof Times].toFixed(2)}`,
        outcome: outcomeOf(ratio <= most),
      };
    })
  );
}

async function timesOfAll(): Promise<Record<"bare" | "copy" | keyof typeof BARS, Times>> {
  const workload = workloads.find(({ id }) => id === WORKLOAD)!;
  const { x, beta, gamma, mean, variance } = operandsOf(workload, inputsOf(workload));
  const params = { beta, gamma };
  const state = { movingMean: mean, movingVariance: variance };
  await using runtime = await createRuntime({ backend: "wasm" });
  const options = { training: false, scale: true } as const;
  const own = { ...options, runtime };
  const sync = pipeline(
    (ops, x: Tensor) => ops.batchNorm(x, params, state, options).y,
    { runtime, sync: true },
  );
  const plain = tensor(x.data as Float32Array<ArrayBuffer>, x.shape);
  return await interleaved({
    bare: bareFunction(plain, params, state),
    // What no call can do without: its result has a memory of its own.
    copy: () => new Float32Array(plain.data),
    sync: () => sync(plain),
    awaited: () => batchNorm(plain, params, state, own),
  });
}

/** The function that the plan compiles to, over a memory where all is in place. */
function bareFunction(...[x, params, state]: Parameters<typeof batchNorm>): Way {
  const plan = new Plan();
  const options = { training: false, scale: true };
  const { program, sources, scalars } =
    outputOf(plan, recordBatchNorm(plan, x as Tensor, params, state, options)).recorded;
  const compiled = compilePlan(program, { fused: hasRelaxedMultiplyAdd() });
  const { layout } = compiled;
  const arena = new Arena(64, false);
  const { run } = link(program, compiled, arena, undefined);
  const base = arena.take(layout.bytes)!;
  sources.forEach((source, id) => {
    arena.floats.set(source() as Float32Array, (base + layout.small.get(id)!) / 4);
  });
  for (const [id, offset] of layout.table) {
    arena.integers[(base + offset) / 4] = base + layout.small.get(id)!;
  }
  arena.floats.set(scalars, (base + layout.scalars) / 4);
  return () => run(base, 0);
}

/** Rounds of all ways, each round in another order. */
async function interleaved<K extends string>(
  ways: Readonly<Record<K, Way>>,
): Promise<Record<K, Times>> {
  const all = Object.entries(ways) as [K, Way][];
  const hot = new Map(all.map(([name]) => [name, [] as number[]]));
  const rare = new Map(all.map(([name]) => [name, [] as number[]]));
  const between = new OtherWork();
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (let i = 0; i < all.length; i++) {
      const [name, way] = all[(i + round + WARM_UP) % all.length];
      const start = performance.now();
      for (let call = 0; call < CALLS; call++) {
        const result = way();
        if (result instanceof Promise) await result;
      }
      if (round >= 0) hot.get(name)!.push(1000 * (performance.now() - start) / CALLS);
    }
  }
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (let i = 0; i < all.length; i++) {
      const [name, way] = all[(i + round + WARM_UP) % all.length];
      await between.go();
      const start = performance.now();
      const result = way();
      if (result instanceof Promise) await result;
      if (round >= 0) rare.get(name)!.push(1000 * (performance.now() - start));
    }
  }
  const times = all.map(([name]) => [
    name,
    { hot: median(hot.get(name)!), rare: median(rare.get(name)!) },
  ]);
  return Object.fromEntries(times);
}
