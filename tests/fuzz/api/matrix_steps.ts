/**
 * Steps of random programs that multiply matrices.
 *
 * @module
 */
import type { Draw } from "./draw.ts";
import { product } from "./inputs.ts";
import { isSmall, type Shapes, type Step } from "./step.ts";

/** Draws a matrix product, either matrix transposed or not. */
export function drawMatmul(draw: Draw, known: Shapes): Step | undefined {
  const of = [draw.integer(0, known.length - 1), draw.integer(0, known.length - 1)];
  const [left, right] = of.map((at) => known[at]);
  const transposeA = draw.chance(0.4);
  const transposeB = draw.chance(0.4);
  if (left.length < 2 || right.length < 2) return undefined;
  const rows = product(left.slice(0, -1));
  const otherRows = product(right.slice(0, -1));
  const inner = transposeA ? rows : left.at(-1)!;
  if (inner !== (transposeB ? right.at(-1)! : otherRows)) return undefined;
  const shape = [
    ...(transposeA ? [left.at(-1)!] : left.slice(0, -1)),
    transposeB ? otherRows : right.at(-1)!,
  ];
  if (!isSmall(shape)) return undefined;
  const options = { transposeA, transposeB };
  return {
    op: `matmul by ${JSON.stringify(options)}`,
    of,
    shape,
    run: (ops, [a, b]) => ops.matmul(a, b, options),
    tracked: ([a, b]) => a.times(b, options),
    pull(dy, [a, b]) {
      const ofA = transposeA
        ? b.times(dy, { transposeA: transposeB, transposeB: true })
        : dy.times(b, { transposeB: !transposeB });
      const ofB = transposeB
        ? dy.times(a, { transposeA: true, transposeB: transposeA })
        : a.times(dy, { transposeA: !transposeA });
      return [ofA.reshaped(a.shape), ofB.reshaped(b.shape)];
    },
  };
}

/** Draws a dense layer, with a bias if some value can be one. */
export function drawDense(draw: Draw, known: Shapes): Step | undefined {
  const at = draw.integer(0, known.length - 1);
  const shape = known[at];
  const inputs = shape.at(-1);
  const kernels = known.flatMap((shape, i) => shape.length === 2 && shape[0] === inputs ? [i] : []);
  if (inputs === undefined || kernels.length === 0) return undefined;
  const kernel = draw.pick(kernels);
  const units = known[kernel][1];
  const result = [...shape.slice(0, -1), units];
  if (!isSmall(result)) return undefined;
  const biases = known.flatMap((shape, i) => shape.length === 1 && shape[0] === units ? [i] : []);
  const bias = biases.length > 0 && draw.chance(0.6) ? [draw.pick(biases)] : [];
  return {
    op: "dense",
    of: [at, kernel, ...bias],
    shape: result,
    run: (ops, [x, kernel, bias]) => ops.dense(x, { kernel, ...(bias !== undefined && { bias }) }),
    tracked([x, kernel, bias]) {
      const rows = x.reshaped([product(x.shape) / inputs, inputs]);
      const y = rows.times(kernel, {});
      return (bias === undefined ? y : y.with(bias, "add")).reshaped(result);
    },
    pull(dy, [x, kernel, bias]) {
      const samples = product(x.shape) / inputs;
      const rows = dy.reshaped([samples, units]);
      return [
        rows.times(kernel, { transposeB: true }).reshaped(x.shape),
        x.reshaped([samples, inputs]).times(rows, { transposeA: true }),
        ...(bias === undefined ? [] : [rows.sum([0])]),
      ];
    },
  };
}
