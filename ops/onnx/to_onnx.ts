/**
 * Functions of ops as models in ONNX.
 *
 * @module
 */
import { keyOf } from "../pipeline/input_key.ts";
import type { PipelineOps } from "../pipeline/ops.ts";
import type { PipelineOutput } from "../pipeline/pipeline.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkArguments, checkFlag, checkKeys, readable } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { DeviceTensor } from "../tensor/elements.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { describe, shown } from "../tensor/shown.ts";
import type { FromAnywhere, Tensor } from "../tensor/types.ts";
import { batchOf, graphOf, type Leaf } from "./batch.ts";
import { type ModelGraph, modelOf, type Opset } from "./model.ts";
import { nameOf } from "./trace.ts";
import { ACTION } from "./writing.ts";

/** Options for {@linkcode toOnnx}. */
export interface OnnxOptions {
  /** The operator set: 21 has one for group norm, 17 is read by older runtimes. @default {21} */
  readonly opset?: 17 | 21;
  /**
   * Write norms as primitives that take the mean off before they square, and twice, in place of
   * operators: for data far from zero, whose digits these lose. Pools of GDN, and the norms that
   * constraints such as `maxNorm` limit, are kept finite as well.
   *
   * @default {false}
   */
  readonly precise?: boolean;
  /**
   * Whether axis 0 of the inputs is a batch, whose size is left open under the name `N`: `"free"` and
   * `"fixed"` say so of those inputs whose axis 0 is as long as that of the first, `"free"` of the first
   * alone where these cannot all be; a list of names says it of these inputs. What is asked for and
   * cannot be is an error; by default it is then fixed.
   *
   * @default {"free" where fn allows it}
   */
  readonly batch?: "free" | "fixed" | readonly string[];
}

/**
 * Writes a function of ops, as {@linkcode pipeline} takes it, as a model in the format of ONNX.
 *
 * The tensors of `input` are the graph's inputs, named by their paths (`"x"` for `input.x` and for an
 * input that is a tensor itself); their numbers do not matter. The tensors that `fn` returns are its
 * outputs, likewise (`"y"` for one that is returned itself), with `output.` in front of a name that an
 * input has. Tensors, typed arrays and lists that `fn` captures are initializers; plain values count as
 * they are.
 *
 * GDN becomes standard operators, and norms GroupNormalization, LayerNormalization,
 * InstanceNormalization and BatchNormalization where their options fit; docs/onnx.md lists them.
 *
 * Source: the operator schemas of ONNX 1.16.
 *
 * @param fn The computation: from `ops` and the input to the output. It is called up to five times.
 * @param input A tree of tensors and plain values, as the model will be given it.
 * @param options Operator set, precision, and whether the size of the batch is left open.
 * @returns The bytes of a `.onnx` file.
 * @throws {TypeError} If `fn` calls an op that cannot be written: one that trains, goes back or moves a
 * state, such as batch norm without `training: false`; if the input holds no tensor, or
 * what is neither a tensor nor a plain value, or the output something else than tensors; or as the ops
 * themselves.
 * @throws {RangeError} If a batch is to be free and `fn` fixes it, if the initializers take 2 GiB, or as
 * the ops themselves.
 *
 * @example Usage
 * ```ts
 * import { initGdn, tensor } from "@kernorm/kernorm";
 * import { toOnnx } from "@kernorm/kernorm/onnx";
 * import { assert } from "@std/assert";
 *
 * const x = tensor(new Float32Array(32), [1, 2, 4, 4]);
 * const params = initGdn(2);
 * const model = toOnnx((ops, x) => ops.gdn(x, params, { dataFormat: "NCHW" }), x);
 * assert(new TextDecoder("latin1").decode(model).includes("Conv")); // write it to gdn.onnx
 * ```
 */
export function toOnnx<I, O extends PipelineOutput>(
  fn: (ops: PipelineOps, input: I) => O,
  input: I | FromAnywhere<I>,
  options: OnnxOptions = {},
): Uint8Array<ArrayBuffer> {
  checkArguments(ACTION, arguments, 3);
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot ${ACTION}: fn must be a function, got ${describe(fn)}`);
  }
  const { opset = 21, precise = false, batch } = checkKeys(ACTION, "options", options, {
    opset: true,
    precise: true,
    batch: true,
  });
  checkOpset(opset);
  checkFlag(ACTION, "precise", precise);
  const leaves: Leaf[] = [];
  const own = readable(
    ACTION,
    "input",
    () => mapTensors(input, (tensor, path) => leafOf(tensor, path, leaves), ACTION),
  );
  // What hides tensors in something else would have them written as constants.
  readable(ACTION, "input", () => keyOf(ACTION, own));
  if (leaves.length === 0) {
    throw new TypeError(
      `Cannot ${ACTION}: input must hold at least one tensor, got ${describe(input)}`,
    );
  }
  const tracing = {
    fn: fn as (ops: PipelineOps, input: unknown) => unknown,
    input: own,
    opset,
    precise,
  };
  const graph = graphOf(tracing, leaves, batchOf(leaves, batch));
  checkSize(graph);
  return modelOf(graph);
}

/** Bytes of initializers at most: a message of protocol buffers has less than 2 GiB, names and nodes too. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

/** Refuses what would become a file that nothing can read, before anything is copied. */
function checkSize({ constants }: ModelGraph): void {
  const bytes = constants.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes < MOST_BYTES) return;
  throw new RangeError(
    `Cannot ${ACTION}: initializers must take less than ${MOST_BYTES} bytes, got ${bytes}`,
  );
}

function checkOpset(opset: Opset): void {
  if (opset === 17 || opset === 21) return;
  throw new RangeError(`Cannot ${ACTION}: opset must be 17 or 21, got ${shown(opset)}`);
}

/** A tensor of the input, checked and noted. */
function leafOf(tensor: Tensor, path: string, leaves: Leaf[]): Tensor {
  const own = tensor instanceof DeviceTensor ? tensor : tensorFrom(ACTION, `input${path}`, tensor);
  if (sizeOf(own.shape) === 0) {
    throw new TypeError(
      `Cannot ${ACTION}: input${path} must have elements, got shape ${formatShape(own.shape)}`,
    );
  }
  leaves.push({ name: nameOf(path, "x"), shape: own.shape });
  return own;
}
