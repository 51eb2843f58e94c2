/**
 * Gradients that are cut to a length.
 *
 * @module
 */
import { recordBinary } from "../arithmetic/binary.ts";
import { recordSum } from "../arithmetic/reduce.ts";
import { recordUnary } from "../arithmetic/unary.ts";
import { recordBounded, recordScale } from "../arithmetic/with_number.ts";
import { runOp } from "../call/calls.ts";
import type { Plan } from "../plan/plan.ts";
import { checkTrees } from "../plan/check_trees.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import type { AnyRuntime, Placed, Runtime } from "../runtime/runtime.ts";
import { checkArguments, checkKeys, fieldsOf, readable } from "../tensor/arguments.ts";
import { checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { Tensor } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";

const ACTION = "clip gradients";
/** Its inverse is a normal float32 too. */
const LARGEST = 2 ** 126;

/** Options for {@linkcode clipByGlobalNorm}. */
export interface ClipOptions<R extends AnyRuntime = Runtime> {
  /** Where to run. @default {the shared runtime} */
  readonly runtime?: R;
}

/** What {@linkcode clipByGlobalNorm} returns. */
export interface Clipped<G extends object> {
  /** The gradients, in the form in which they were given. */
  readonly grads: G;
  /** The norm that they had together, shape (). */
  readonly norm: Tensor;
}

/**
 * Gradients whose norm, that of all of their numbers together, is at most `maxNorm`: `grad maxNorm / norm`
 * where the norm is larger, else the gradients as they are, bit for bit.
 *
 * The norm is the root of the sum of all squares, in float32: one that is not finite, as of gradients
 * of 1e20, makes all gradients NaN, so that it is seen; on webgpu, whose drivers may take every number
 * for finite, look at `norm`.
 *
 * Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013,
 * algorithm 1; NaN as TensorFlow's `clip_by_global_norm`.
 *
 * @param grads A tree of tensors.
 * @param maxNorm The largest norm; from 2^-126 to 2^126.
 * @param options Where to run.
 * @returns `grads`, a tree like the one given, and their `norm` before.
 * @throws {TypeError} If the tree holds something else than tensors.
 * @throws {RangeError} If `maxNorm` is none of these.
 *
 * @example Usage
 * ```ts
 * import { tensor } from "@kernorm/kernorm";
 * import { clipByGlobalNorm } from "@kernorm/kernorm/training";
 * import { assertEquals } from "@std/assert";
 *
 * const { grads, norm } = await clipByGlobalNorm({ w: tensor([30, 0]), b: tensor([40]) }, 5);
 * assertEquals(norm.data[0], 50);
 * assertEquals([...grads.w.data, ...grads.b.data], [3, 0, 4]);
 * ```
 */
export async function clipByGlobalNorm<G extends object, R extends AnyRuntime = Runtime>(
  grads: G,
  maxNorm: number,
  options: ClipOptions<R> = {},
): Promise<Placed<Clipped<G>, R>> {
  checkArguments(ACTION, arguments, 3);
  const own = checkKeys(ACTION, "options", fieldsOf(ACTION, "options", options), { runtime: true });
  checkTrees(ACTION, { grads });
  return await runOp(ACTION, own.runtime, recordClipByGlobalNorm<G>, grads, maxNorm);
}

/** Records {@linkcode clipByGlobalNorm}. */
export function recordClipByGlobalNorm<G extends object>(
  plan: Plan,
  grads: G,
  maxNorm: number,
): Clipped<G> {
  if (!(typeof maxNorm === "number" && maxNorm >= 1 / LARGEST && maxNorm <= LARGEST)) {
    throw new RangeError(
      `Cannot ${ACTION}: maxNorm must be a number from 2^-126 to 2^126, got ${shown(maxNorm)}`,
    );
  }
  checkTrees(ACTION, { grads });
  const squares: Tensor[] = [];
  const collect = (grad: Tensor, path: string, given: Tensor) => {
    checkTensor(ACTION, `grads${path}`, given);
    if (sizeOf(grad.shape) > 0) squares.push(recordSum(plan, recordUnary(plan, "square", grad)));
    return grad;
  };
  const own = readable(ACTION, "grads", () => mapTensors<object>(grads, collect, ACTION)) as G;
  if (squares.length === 0) return { grads: own, norm: zeros([]) };
  const sum = squares.reduce((a, b) => recordBinary(plan, "add", a, b));
  const norm = recordUnary(plan, "sqrt", sum);
  const one = new SymbolicTensor(plan.constant(1, 1), []);
  const ratio = recordBounded(plan, "max", recordScale(plan, norm, 1 / maxNorm), 1);
  // 0, or NaN of a norm that is not finite.
  const flaw = recordBinary(plan, "subtract", norm, norm);
  const factor = recordBinary(plan, "add", recordBinary(plan, "divide", one, ratio), flaw);
  const clipped = mapTensors<object>(
    own,
    (grad) => sizeOf(grad.shape) === 0 ? grad : recordBinary(plan, "multiply", grad, factor),
  ) as G;
  return { grads: clipped, norm };
}
