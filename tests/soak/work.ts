/**
 * What a soak keeps a backend busy with.
 *
 * @module
 */
import {
  createRuntime,
  gdn,
  groupNorm,
  initGdn,
  layerNorm,
  moments,
  pipeline,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { Draw, KINDS, seedOf } from "../fuzz/api/draw.ts";
import { elementaryOf } from "../fuzz/api/elementary.ts";
import { families } from "../fuzz/api/families.ts";

/** Nothing is compared. */
const LIMITS = { kinds: KINDS, hard: false, elementary: elementaryOf("wasm") };
const OPS = Object.keys(families);

/** How much is done between two looks at the clock. */
const OPS_IN_A_ROUND = 1;
/** Plans of a few small kernels, each of a shape of its own. */
const SHAPES_IN_A_ROUND = 5;
/** Scopes, and calls that fail, every so many rounds. */
const ROUNDS_BETWEEN_SCOPES = 6;
/** A runtime is opened, used and disposed every so many rounds, and one with threads. */
const ROUNDS_BETWEEN_RUNTIMES = 36;
const ROUNDS_BETWEEN_THREADS = 108;

/** Works on one backend, round by round: on a runtime that lives on, and on others that do not. */
export class Work {
  readonly runtime: Runtime;
  readonly #seed: number;
  #rounds = 0;
  #calls = 0;

  constructor(runtime: Runtime, seed: number) {
    this.runtime = runtime;
    this.#seed = seed;
  }

  /** Calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** A little of everything; ops with shapes and options that have not been before. */
  async round(): Promise<void> {
    const { runtime } = this;
    const { backend } = runtime;
    const round = this.#rounds++;
    await this.#ops(runtime, round * OPS_IN_A_ROUND, OPS_IN_A_ROUND);
    for (let i = 0; i < SHAPES_IN_A_ROUND; i++) {
      const number = round * SHAPES_IN_A_ROUND + i;
      const shape = [1 + number % 97, 1 + Math.floor(number / 97) % 200];
      const x = tensor(new Float32Array(shape[0] * shape[1]).fill(number), shape);
      await layerNorm(x, {}, { runtime });
      this.#calls++;
    }
    if (round % ROUNDS_BETWEEN_SCOPES === 0) {
      await inScope(runtime, round);
      await fail(runtime, round);
      this.#calls += 8;
    }
    if (round % ROUNDS_BETWEEN_RUNTIMES === 0) {
      await using other = await createRuntime({ backend });
      await this.#ops(other, round, 3);
    }
    if (backend === "wasm" && round % ROUNDS_BETWEEN_THREADS === 0) await onThreads();
  }

  async #ops(runtime: Runtime, first: number, count: number): Promise<void> {
    for (let number = first; number < first + count; number++) {
      const draw = new Draw(seedOf(this.#seed, number));
      const structure = families[OPS[number % OPS.length]](draw, LIMITS);
      // Twice: the second is a remembered call.
      for (let again = 0; again < 2; again++) {
        await structure.trial(draw).run(runtime);
        this.#calls++;
      }
    }
  }
}

/** Results that stay in the runtime's memory until the scope ends. */
async function inScope(runtime: Runtime, round: number): Promise<void> {
  const channels = 1 + round % 23;
  using scope = runtime.scope();
  const x = scope.put(tensor(new Float32Array(6 * channels).fill(1), [2, 3, channels]));
  const h = await gdn(x, initGdn(channels), { runtime: scope });
  const y = await groupNorm(h, {}, { groups: 1, runtime: scope });
  await moments(y, { runtime: scope });
  using alone = scope.zeros([channels]);
  await layerNorm(alone, {}, { runtime });
  const step = pipeline((ops, { old, x }: { old: Tensor; x: Tensor }) => ops.add(old, x), {
    runtime: scope,
    donate: ["old"],
  });
  let old = await step({ old: alone, x: y });
  for (let i = 0; i < 3; i++) old = await step({ old, x: y });
}

/** Calls that fail: while arguments are checked, while a plan is recorded, and while it runs. */
async function fail(runtime: Runtime, round: number): Promise<void> {
  const x = tensor(new Float32Array(12), [3, 4]);
  const broken = pipeline((ops, x: Tensor) => {
    ops.matmul(x, x, { transposeB: true });
    throw new Error(`round ${round}`);
  }, { runtime });
  const calls = [
    () => groupNorm(x, {}, { groups: 3, runtime }),
    () => gdn(x, { beta: [1], gamma: x }, { runtime }),
    () => moments(x, { batchWeights: [-1, round, 1], runtime }),
    () => broken(x),
  ];
  for (const call of calls) {
    const failed = await call().then(() => false, () => true);
    if (!failed) throw new Error("Cannot soak: a wrong call must fail, got an answer");
  }
}

/** A runtime with threads, from start to end. */
async function onThreads(): Promise<void> {
  await using runtime = await createRuntime({ backend: "wasm", threads: 2 });
  const x = tensor(new Float32Array(2 ** 17).fill(1), [2 ** 12, 32]);
  const params = initGdn(32);
  await Promise.all([gdn(x, params, { runtime }), gdn(x, params, { runtime })]);
}
