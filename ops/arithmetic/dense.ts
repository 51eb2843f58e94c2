/**
 * Records dense layers: products with a matrix, and a bias.
 *
 * @module
 */
import { field, type Plan } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkKeys } from "../tensor/arguments.ts";
import { checkCotangent, checkTensor, checkVector } from "../tensor/checks.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor, Vector } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import { recordMatmul } from "./matmul.ts";
import { recordSum } from "./reduce.ts";
import { recordReshape } from "./shape.ts";

const ACTION = "apply dense";

/** Parameters of a dense layer, under Keras' names. */
export interface DenseParams {
  /** What x is multiplied by, of shape `(inputs, units)`. */
  readonly kernel: AnyTensor;
  /** What is added to the product, of shape `(units,)`; nothing when absent. */
  readonly bias?: Vector;
}

/** The cotangents of a dense layer's arguments. */
export interface DenseCotangents<P extends DenseParams = DenseParams> {
  /** Shape of x. */
  readonly x: Tensor;
  /** Those of the parameters that are given. */
  readonly params: { readonly [K in keyof P & keyof DenseParams]: Tensor };
}

/** Records a dense layer; all axes of x but the last are samples. */
export function recordDense(plan: Plan, x: AnyTensor, params: DenseParams): Tensor {
  return layerOf(plan, x, fieldsOfDense(params));
}

/** Records a dense layer with the way back. */
export function recordDenseVjp<P extends DenseParams>(
  plan: Plan,
  x: AnyTensor,
  params: P,
): SymbolicVjp<DenseCotangents<P>> {
  const own = fieldsOfDense<DenseParams>(params);
  const y = layerOf(plan, x, own);
  return {
    y,
    vjp(dy) {
      checkCotangent("pull back dense", y, dy);
      const { kernel, bias } = own;
      const rows = rowsOf(plan, dy);
      const back = recordMatmul(plan, rows, kernel, { transposeB: true });
      const ofParams = {
        kernel: recordMatmul(plan, rowsOf(plan, x), rows, { transposeA: true }),
        ...(bias !== undefined && { bias: recordSum(plan, rows, [0]) }),
      };
      return {
        x: recordReshape(plan, back, x.shape),
        params: ofParams as unknown as DenseCotangents<P>["params"],
      };
    },
  };
}

function fieldsOfDense<P extends DenseParams>(params: P): P {
  return checkKeys<DenseParams>(ACTION, "params", params, { kernel: true, bias: true }) as P;
}

function layerOf(plan: Plan, x: AnyTensor, { kernel, bias }: DenseParams): Tensor {
  checkTensor(ACTION, "x", x);
  checkTensor(ACTION, "params.kernel", kernel);
  if (x.shape.length === 0) {
    throw new TypeError(`Cannot ${ACTION}: x must have an axis of inputs, got shape ()`);
  }
  checkKernel(x.shape, kernel.shape);
  const units = kernel.shape[1];
  if (bias !== undefined) checkVector(ACTION, "params.bias", bias, [units]);
  const shape = [...x.shape.slice(0, -1), units];
  if (sizeOf(shape) === 0) return zeros(shape);
  // First by this name, for messages.
  read(plan, "params.kernel", kernel);
  const product = recordReshape(plan, recordMatmul(plan, rowsOf(plan, x), kernel), shape);
  if (bias === undefined) return product;
  const value = read(plan, "product", product);
  const size = { n: 1, c: units, s: value.length / units };
  const args = { x: field(value, size), bias: read(plan, "params.bias", bias) };
  return new SymbolicTensor(plan.launch("biased", "channelsLast", size, args), shape);
}

function checkKernel(x: readonly number[], kernel: readonly number[]): void {
  const inputs = x[x.length - 1];
  if (kernel.length === 2 && kernel[0] === inputs) return;
  const advice = kernel.length === 2 && kernel[1] === inputs
    ? "; transposed it would fit: PyTorch keeps (units, inputs)"
    : "";
  throw new TypeError(
    `Cannot ${ACTION}: params.kernel must have shape (${inputs}, units) for x of shape ${
      formatShape(x)
    }, got ${formatShape(kernel)}${advice}`,
  );
}

/** The samples of a layer as the rows of a matrix. */
function rowsOf(plan: Plan, x: AnyTensor): Tensor {
  const columns = x.shape[x.shape.length - 1];
  return recordReshape(plan, x, [sizeOf(x.shape.slice(0, -1)), columns]);
}
