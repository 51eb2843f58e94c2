/**
 * An op of kernorm as one of TensorFlow.js, with its gradient.
 *
 * @module
 */
import { pipeline, type PipelineOps, type Runtime, type Tensor } from "../../mod.ts";
import type { Tf, TfTensor } from "./tensorflow.ts";

/** An op with parameters P, as a pipeline records it. */
export type Op<P> = (ops: PipelineOps, x: Tensor, params: P) => Tensor;

/** What an op takes. */
interface Inputs<P> {
  readonly x: Tensor;
  readonly params: P;
}

/** An op on tensors of TensorFlow.js: of x and the parameters. */
export type BoundOp = (x: TfTensor, ...params: TfTensor[]) => TfTensor;

/**
 * An op on tensors of TensorFlow.js, which its gradients go through.
 *
 * The numbers are copied out of its tensors and into new ones. Nothing is kept between the two ways
 * but the op's inputs, which TensorFlow.js holds as long as it needs them.
 *
 * @param tf The library.
 * @param runtime Where to compute: wasm or cpu, as TensorFlow.js does not wait for its ops.
 * @param names The names of the parameters, in the order in which they are given.
 * @param record What to compute.
 * @returns A function of x and the parameters. It throws a TypeError for what is not float32.
 */
export function differentiable<P extends { readonly [K in keyof P]?: Tensor }>(
  tf: Tf,
  runtime: Runtime,
  names: readonly (keyof P & string)[],
  record: Op<P>,
): BoundOp {
  const options = { runtime, sync: true } as const;
  const compute = pipeline(
    (ops, { x, params }: Inputs<P>) => record(ops, x, params),
    options,
  );
  // TensorFlow.js brings the cotangent dy: it is the slope of the loss sum(dy y), whatever y is.
  const pullBack = pipeline(
    (ops, { x, params, dy }: Inputs<P> & { dy: Tensor }) => {
      const loss = (at: Inputs<P>) => ops.sum(ops.mul(record(ops, at.x, at.params), dy));
      return ops.grad(loss, { x, params }) as unknown as Inputs<P>;
    },
    options,
  );
  const inputsOf = ([x, ...params]: readonly TfTensor[]) => ({
    x: read("x", x),
    params: Object.fromEntries(names.map((name, i) => [name, read(name, params[i])])) as P,
  });
  const written = ({ data, shape }: Tensor) => tf.tensor(data, [...shape], "float32");

  const op = tf.customGrad((...args) => {
    const save = args.pop() as (tensors: TfTensor[]) => void;
    const inputs = args as TfTensor[];
    const value = written(compute(inputsOf(inputs)));
    save(inputs);
    return {
      value,
      gradFunc(dy: TfTensor, saved: TfTensor[]) {
        const { x, params } = pullBack({ ...inputsOf(saved), dy: read("dy", dy) });
        return [x, ...names.map((name) => params[name]!)]
          .map((cotangent) => onlyOnce(tf, written(cotangent), [dy, ...saved]));
      },
    };
  });
  return (x, ...params) => op(x, ...params);
}

/** The numbers of a tensor, which are not written to. */
function read(name: string, tensor: TfTensor): Tensor {
  if (tensor.dtype !== "float32") {
    throw new TypeError(
      `Cannot compute a layer: ${name} must be of type float32, got ${tensor.dtype}`,
    );
  }
  return { data: tensor.dataSync<"float32">() as Float32Array<ArrayBuffer>, shape: tensor.shape };
}

/**
 * A gradient with an error in place of a gradient of its own: without one, TensorFlow.js would take it
 * for a constant, and leave its share out of second derivatives.
 */
function onlyOnce(tf: Tf, gradient: TfTensor, of: readonly TfTensor[]): TfTensor {
  const op = tf.customGrad(() => ({
    value: gradient,
    gradFunc() {
      throw new Error(
        "Cannot differentiate a layer twice: its gradients must be used as they are, got a gradient of one",
      );
    },
  }));
  return op(...of);
}
