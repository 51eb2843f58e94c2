/**
 * Records matrix products, for the layers around the norms of a pipeline.
 *
 * @module
 */
import { blocksOf } from "../norm/reductions.ts";
import { type Plan, rows } from "../plan/plan.ts";
import { read, SymbolicTensor, type SymbolicVjp } from "../plan/symbolic.ts";
import { checkFlag, checkKeys, extentsOf } from "../tensor/arguments.ts";
import { checkCotangent, checkLeastRank, checkTensor } from "../tensor/checks.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";
import type { BinaryCotangents } from "./binary.ts";
import { recordReshape } from "./shape.ts";

const ACTION = "multiply matrices";

/** Options for the matrix product inside a pipeline. */
export interface MatmulOptions {
  /** Take a transposed. @default {false} */
  readonly transposeA?: boolean;
  /** Take b transposed. @default {false} */
  readonly transposeB?: boolean;
}

/** Records a product of matrices; all axes of one but its last are its rows. */
export function recordMatmul(
  plan: Plan,
  a: AnyTensor,
  b: AnyTensor,
  options: MatmulOptions = {},
): Tensor {
  const flags = flagsOf(options);
  const { transposeA, transposeB } = flags;
  const left = matrixOf("a", a, transposeA);
  const right = matrixOf("b", b, transposeB);
  if (left.columns !== right.rows) {
    throw new TypeError(
      `Cannot ${ACTION}: a and b must agree in the axis that is summed (all but the last are rows), got ${
        formatShape(a.shape)
      }${transposeA ? " transposed" : ""} and ${formatShape(b.shape)}${
        transposeB ? " transposed" : ""
      }${adviceFor(left, right, flags)}`,
    );
  }
  const leading = transposeA ? [left.rows] : a.shape.slice(0, -1);
  const shape = extentsOf(ACTION, "the result", [...leading, right.columns]);
  if (sizeOf(shape) === 0 || left.columns === 0) {
    return zeros(shape);
  }
  const size = { n: 1, c: right.columns, s: left.rows };
  const args = {
    a: rows(read(plan, "a", a), a.shape.at(-1)!),
    b: rows(read(plan, "b", b), b.shape.at(-1)!),
  };
  const holes = { TRANSPOSE_A: transposeA, TRANSPOSE_B: transposeB };
  const inner = { inner: left.columns, ...blocksOf(left.columns) };
  return new SymbolicTensor(plan.launch("matmul", "channelsLast", size, args, holes, inner), shape);
}

/** Records a product of matrices with the way back, which is two. */
export function recordMatmulVjp(
  plan: Plan,
  a: AnyTensor,
  b: AnyTensor,
  options: MatmulOptions = {},
): SymbolicVjp<BinaryCotangents> {
  const flags = flagsOf(options);
  const y = recordMatmul(plan, a, b, flags);
  const { transposeA, transposeB } = flags;
  return {
    y,
    vjp(dy) {
      checkCotangent("pull back matmul", y, dy);
      const ofA = transposeA
        ? recordMatmul(plan, b, dy, { transposeA: transposeB, transposeB: true })
        : recordMatmul(plan, dy, b, { transposeB: !transposeB });
      const ofB = transposeB
        ? recordMatmul(plan, dy, a, { transposeA: true, transposeB: transposeA })
        : recordMatmul(plan, a, dy, { transposeA: !transposeA });
      return { a: recordReshape(plan, ofA, a.shape), b: recordReshape(plan, ofB, b.shape) };
    },
  };
}

/** The options, each read once. */
function flagsOf(options: MatmulOptions): Required<MatmulOptions> {
  const own = checkKeys(ACTION, "options", options, { transposeA: true, transposeB: true });
  const { transposeA = false, transposeB = false } = own;
  checkFlag(ACTION, "transposeA", transposeA);
  checkFlag(ACTION, "transposeB", transposeB);
  return { transposeA, transposeB };
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
}

/** Which option would make two matrices fit, if one does. */
function adviceFor(a: Matrix, b: Matrix, flags: Required<MatmulOptions>): string {
  if (a.columns === b.columns) return `; transposeB: ${!flags.transposeB} would make them fit`;
  if (a.rows === b.rows) return `; transposeA: ${!flags.transposeA} would make them fit`;
  return "";
}

/** A tensor as a matrix that is multiplied. */
function matrixOf(name: string, tensor: AnyTensor, transposed: boolean): Matrix {
  checkTensor(ACTION, name, tensor);
  const { shape } = tensor;
  checkLeastRank(ACTION, name, shape, 2);
  const rows = sizeOf(shape.slice(0, -1));
  const columns = shape.at(-1)!;
  return transposed ? { rows: columns, columns: rows } : { rows, columns };
}
