/**
 * Comparisons with what the original implementations computed, with the channels last and on axis 1.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Runtime, Tensor } from "../../mod.ts";
import { type BackendName, itOnEachBackend } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { transposed } from "../support/random.ts";
import type { Case, Tensors } from "./read.ts";

/**
 * How often numbers as large as the largest of a result may have been rounded on the way to it. Here, sums
 * of up to 200 terms are taken in float32 by parts, which round less than ten times, and a value is made of
 * three such sums at most. An original that computes in float32 rounds as well, and folds the mean into an
 * offset: its data lie no more than a few deviations from zero.
 */
const ROUNDINGS = { float64: 32, float32: 96 };

/** In software, a GPU takes a second to compile a case: it runs one of so many. */
const SAMPLE = 12;
let cases = 0;

/** The backends that the next case runs on. */
function sampled(): (backend: BackendName) => boolean {
  const everywhere = cases++ % SAMPLE === 0;
  return (backend) => everywhere || backend === "cpu" || backend === "wasm";
}

/** What an op here made of a case, under the original's names. */
export interface Outcome {
  readonly y: Tensor;
  /** Cotangents; those that the original has must be there. */
  readonly gradients?: Readonly<Record<string, Tensor | undefined>>;
  /** The state afterwards, likewise. */
  readonly next?: Readonly<Record<string, Tensor | undefined>>;
}

/** A case with its axes in another order. */
export interface Arranged {
  readonly runtime: Runtime;
  readonly x: Tensor;
  readonly dy: Tensor;
  /** Where the channels are now: last, or on axis 1. */
  readonly channelsAxis: number;
  readonly dataFormat: "channelsLast" | "channelsFirst";
  /** What broadcasts to the original's x, as what broadcasts to x. */
  readonly broadcast: (tensor: Tensor) => Tensor;
  /** Where an axis of the original is now. */
  readonly axis: (axis: number) => number;
}

/**
 * One test of a case on each backend, in which the channels are moved to the last axis and to axis 1.
 *
 * @param channels The axis of the original's channels.
 * @param run Runs the op of this library.
 */
export function itAgrees(
  one: Case,
  channels: number,
  run: (given: Arranged) => Promise<Outcome>,
): void {
  const { x, dy = x } = one.inputs;
  const rank = x.shape.length;
  const from = channels < 0 ? rank + channels : channels;
  itOnEachBackend(`agrees on ${one.name}`, async (runtime) => {
    for (const channelsAxis of new Set([rank - 1, 1])) {
      const order = moved(rank, from, channelsAxis);
      const padded = ({ shape, data }: Tensor): Tensor => ({
        shape: [...new Array(rank - shape.length).fill(1), ...shape],
        data,
      });
      const outcome = await run({
        runtime,
        x: transposed(x, order),
        dy: transposed(dy, order),
        channelsAxis,
        dataFormat: channelsAxis === 1 && rank > 2 ? "channelsFirst" : "channelsLast",
        broadcast: (tensor) => transposed(padded(tensor), order),
        axis: (axis) => order.indexOf(axis < 0 ? rank + axis : axis),
      });
      const back = moved(rank, channelsAxis, from);
      const original = (tensor: Tensor | undefined) =>
        tensor?.shape.length === rank ? transposed(tensor, back) : tensor;
      assertAgrees(one, {
        y: transposed(outcome.y, back),
        next: outcome.next ?? {},
        gradients: Object.fromEntries(
          Object.entries(outcome.gradients ?? {}).map(([name, value]) => [name, original(value)]),
        ),
      });
    }
  }, sampled());
}

/** The same with the axes as they are. */
export function itAgreesAsItIs(
  one: Case,
  run: (given: Pick<Arranged, "runtime" | "x" | "dy">) => Promise<Outcome>,
): void {
  const { x, dy = x } = one.inputs;
  itOnEachBackend(`agrees on ${one.name}`, async (runtime) => {
    assertAgrees(one, await run({ runtime, x, dy }));
  }, sampled());
}

/** Compares all that the original computed with what came out here. */
export function assertAgrees(one: Case, { y, gradients = {}, next = {} }: Outcome): void {
  assertTensors(one, "outputs", { y });
  assertTensors(one, "next", next);
  assertTensors(one, "gradients", gradients);
}

/** Compares the tensors of one group. */
export function assertTensors(
  one: Case,
  group: "outputs" | "next" | "gradients",
  actual: Readonly<Record<string, Tensor | undefined>>,
): void {
  const expected: Tensors = one[group];
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const own = actual[name];
    if (own === undefined) throw new Error(`${group}.${name} must have a counterpart, got none`);
    // An adjustment's cotangent comes with leading axes of one where there were none.
    assertEquals(withoutOnes(own.shape), withoutOnes(shape), `${group}.${name}`);
    const tolerance = ROUNDINGS[one.dtype] * 2 ** -24 * largest(data);
    assertClose(own.data, data, tolerance, `${group}.${name}`);
  }
}

/** An order of axes in which one of them has gone to another place. */
function moved(rank: number, from: number, to: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return order;
}

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((extent) => extent !== 1);
}
