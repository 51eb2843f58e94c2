/**
 * Ops of pipelines in both directions, against a float64 function.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { PipelineOps, Runtime, SymbolicVjp, Tensor } from "../../mod.ts";
import { runOp } from "../../ops/call/calls.ts";
import type { Plan } from "../../ops/plan/plan.ts";
import { sizeOf } from "../../ops/tensor/shape.ts";
import type { Array64, NumberArray } from "../oracle/array.ts";
import { assertClose, largest } from "./close.ts";
import { pipeline } from "./eagerly.ts";
import { randomTensor } from "./random.ts";
import { assertSameBits } from "./same_bits.ts";
import { dot, gradientOf } from "./slope.ts";

/** An op of some tensors. */
export interface BothWays {
  /** The op in a pipeline. */
  readonly op: (ops: PipelineOps, ...tensors: Tensor[]) => Tensor;
  /** What records it with the way back; the cotangents in the order of the tensors. */
  readonly record: (plan: Plan, ...tensors: Tensor[]) => SymbolicVjp<readonly Tensor[]>;
  /** The same in float64. */
  readonly oracle: (...arrays: NumberArray[]) => Array64;
}

/** A recorder of cotangents with names as one of a list of them. */
export function listed<C>(
  { y, vjp }: SymbolicVjp<C>,
  list: (cotangents: C) => readonly Tensor[],
): SymbolicVjp<readonly Tensor[]> {
  return { y, vjp: (dy) => list(vjp(dy)) };
}

/** Records an op with the way back, and runs both as one plan. */
export async function runBothWays(
  runtime: Runtime,
  record: BothWays["record"],
  tensors: readonly Tensor[],
  dy: Tensor,
): Promise<{ readonly y: Tensor; readonly back: readonly Tensor[] }> {
  const both = (plan: Plan, tensors: readonly Tensor[], dy: Tensor) => {
    const { y, vjp } = record(plan, ...tensors);
    return { y, back: vjp(dy) };
  };
  return await runOp("pull back an op", runtime, both, tensors, dy);
}

/**
 * Checks an op against its definition: its result as a pipeline, at once and op by op, and every
 * cotangent against the slopes of the definition.
 *
 * @param tolerance In units of the largest element, or of 1 if that is smaller.
 */
export async function assertBothWays(
  runtime: Runtime,
  { op, record, oracle }: BothWays,
  tensors: readonly Tensor[],
  tolerance: number,
): Promise<void> {
  const expected = oracle(...tensors);
  const run = pipeline((ops, tensors: readonly Tensor[]) => op(ops, ...tensors), { runtime });
  const alone = await run(tensors);
  const within = (values: ArrayLike<number>) => tolerance * Math.max(1, largest(values));
  assertEquals(alone.shape, expected.shape);
  assertClose(alone.data, expected.data, within(expected.data), "y");

  const dy = randomTensor(expected.shape, { seed: 77 });
  const { y, back } = await runBothWays(runtime, record, tensors, dy);
  // Shaders may round a product and a sum once where a plan has both in one dispatch.
  if (["cpu", "wasm"].includes(runtime.stats().backend)) assertSameBits(y, alone);
  else assertClose(y.data, expected.data, within(expected.data), "y with its way back");
  assertEquals(back.map(({ shape }) => shape), tensors.map(({ shape }) => shape));
  for (const [i, { data, shape }] of tensors.entries()) {
    const loss = (moved: number[]) => {
      const arrays = tensors.map((tensor, k) => k === i ? { shape, data: moved } : tensor);
      return dot(dy.data, oracle(...arrays).data);
    };
    const slopes = gradientOf(loss, data);
    assertClose(back[i].data, slopes, within(slopes), `cotangent ${i}`);
  }
}

/** Checks that an op of tensors without elements, or that nothing remains of, has cotangents as well. */
export async function assertShapesBack(
  runtime: Runtime,
  record: BothWays["record"],
  tensors: readonly Tensor[],
  shape: readonly number[],
): Promise<void> {
  const dy = { shape, data: new Float32Array(sizeOf(shape)).fill(1) };
  const { y, back } = await runBothWays(runtime, record, tensors, dy);
  assertEquals(y.shape, [...shape]);
  for (const [i, { data, shape }] of back.entries()) {
    assertEquals(shape, tensors[i].shape);
    assertEquals(data, new Float32Array(tensors[i].data.length));
  }
}
