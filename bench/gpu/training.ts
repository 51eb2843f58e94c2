/**
 * A training step: GDN and batch norm, both ways, and Adam, with parameters and state that stay on the
 * device and are consumed by each step, or come and go as plain arrays.
 *
 * @module
 */
import {
  type AnyRuntime,
  type AnyTensor,
  type FromAnywhere,
  gdnParams,
  initBatchNorm,
  initGdn,
  pipeline,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { type AdamState, initAdam } from "../../ops/training/mod.ts";
import { batchNorm } from "../../tests/oracle/batch_norm.ts";
import { gdn } from "../../tests/oracle/gdn.ts";
import type { Check } from "../expected.ts";
import { random } from "../../tests/support/random.ts";
import type { GpuContender, Place } from "./contender.ts";
import type { Card } from "./device.ts";
import { repeated } from "./inputs.ts";
import { done, numbersOf, type Way, waysOf } from "./peers/ours.ts";
import type { GpuEntry, GpuEvent } from "./race.ts";
import { fitting, type Size } from "./workloads.ts";

/** Of the small input, which is repeated as in the workloads. */
const SHAPE = { full: [1, 32, 32, 192], quick: [1, 16, 16, 64] };
const REPEATS = { full: 32, quick: 2 };
const LEARNING_RATE = 1e-3;
/** Steps after which the loss must be lower. */
const STEPS = 10;

/** A step that has not been set up yet: that takes a while. */
export interface TrainingEvent {
  readonly id: string;
  readonly open: () => Promise<GpuEvent>;
}

/** The steps that are raced. */
export function trainingEvents(card: Card, size: Size): TrainingEvent[] {
  const small = SHAPE[size];
  const length = small.reduce((a, b) => a * b);
  const repeats = fitting(REPEATS[size], 4 * length, card.largest);
  const shape = [repeats, ...small.slice(1)];
  const channels = small[3];
  const id = `training step ${shape.join("x")}`;
  const open = async (): Promise<GpuEvent> => {
    const next = random(7);
    const one = Float32Array.from({ length }, () => 1 + 3 * next());
    const x = tensor(repeated(one, repeats), shape);
    const amount = 3 * 2 * repeats * length * channels;
    return {
      id,
      counted: `GDN's matrix counted as ${(amount / 1e9).toPrecision(3)} GFLOP; ` +
        "written for this library alone",
      work: { amount, unit: "FLOP" },
      contenders: await contenders(card, x),
      check: checkOf(expectedLoss({ data: one, shape: small })),
    };
  };
  return [{ id, open }];
}

async function contenders(card: Card, x: Tensor): Promise<GpuEntry[]> {
  const made: GpuEntry[] = [];
  for (const way of waysOf(card)) {
    for (const place of ["stays", "copies"] as const) {
      try {
        made.push(await contender(way, place, x));
      } catch (error) {
        made.push({ name: way.name, peer: false, absent: (error as Error).message });
      }
    }
  }
  return made;
}

/** What goes through a step and comes back from it. */
function startOf(channels: number) {
  const { params: norm, state } = initBatchNorm(channels);
  const params = { gdn: initGdn(channels), norm };
  return { params, state, adam: initAdam(params) };
}

type Start = ReturnType<typeof startOf>;
type Params = Start["params"];

interface Input {
  readonly params: Params;
  readonly state: Start["state"];
  readonly adam: AdamState<Params>;
  readonly x: Tensor;
}

type State = FromAnywhere<Omit<Input, "x">>;

/** It learns to give back what it is given, normalised. */
function stepOn(runtime: AnyRuntime, donate: readonly (keyof Input)[]) {
  return pipeline((ops, { params, state, adam, x }: Input) => {
    const first = ops.gdnVjp(x, params.gdn);
    const second = ops.batchNormVjp(first.y, params.norm, state);
    const dy = ops.sub(second.y, x);
    const back = second.vjp(dy);
    const grads = { gdn: first.vjp(back.x).params, norm: back.params };
    const next = ops.adam(params, grads, adam, { learningRate: LEARNING_RATE });
    return {
      loss: ops.mean(ops.mul(dy, dy)),
      next: { params: next.params, adam: next.state, state: second.state },
    };
  }, { runtime, donate });
}

async function contender({ name, open }: Way, place: Place, x: Tensor): Promise<GpuContender> {
  const runtime = await open();
  const scope = runtime.scope();
  const stays = place === "stays";
  const step = stepOn(stays ? scope : runtime, stays ? ["params", "adam", "state"] : []);
  const input = stays ? scope.put(x) : x;
  let current: State = startOf(x.shape[3]);
  const turn = async (): Promise<AnyTensor> => {
    const { loss, next } = await step({ ...current, x: input });
    current = next;
    return loss;
  };
  return {
    name,
    peer: false,
    place,
    get device() {
      return runtime.stats().device;
    },
    async call() {
      end(await turn());
    },
    finish: () => done(runtime),
    async answer() {
      const first = await numbersOf(await turn());
      for (let i = 1; i < STEPS; i++) end(await turn());
      const [last] = await numbersOf(await turn());
      if (!(last < first[0])) throw new Error(`the loss must fall, got ${first[0]}, then ${last}`);
      return first;
    },
    dispose: () => runtime.dispose(),
  };
}

/** Ends a tensor of a runtime, whose memory the next step then has. */
function end(tensor: AnyTensor): void {
  if (Symbol.dispose in tensor) tensor[Symbol.dispose]();
}

/** The loss of the first step, in float64. */
function expectedLoss(x: { data: Float32Array; shape: readonly number[] }): number {
  const channels = x.shape[3];
  const { beta, gamma } = gdnParams(initGdn(channels));
  const { params: _, state } = initBatchNorm(channels);
  const moving = { movingMean: state.movingMean.data, movingVariance: state.movingVariance.data };
  const { y } = batchNorm(gdn(x, beta.data, gamma.data), moving, { training: true });
  return y.data.reduce((sum, value, i) => sum + (value - x.data[i]) ** 2, 0) / y.data.length;
}

/** The loss is a number of about 10. */
function checkOf(expected: number): Check {
  return (answer) => {
    const [loss] = answer instanceof Float32Array ? answer : answer[0];
    return Math.abs(loss - expected) / expected;
  };
}
