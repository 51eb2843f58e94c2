/**
 * A linear transform with GDN behind it, and its fit to data by maximum likelihood.
 *
 * @module
 */
import {
  gdnParams,
  type GdnVariables,
  initGdn,
  pipeline,
  type Runtime,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { type AdamState, initAdam } from "../../ops/training/mod.ts";
import { inverse, transposed } from "../shared/linear.ts";
import { logDeterminants } from "./likelihood.ts";

/** What is fitted: the linear transform, and GDN's stored parameters. */
export interface Model {
  readonly h: Tensor;
  readonly gdn: GdnVariables<Tensor>;
}

/** What a step is given. */
interface Input {
  readonly x: Tensor;
  readonly model: Model;
  readonly state: AdamState<Model>;
  readonly slopes: Slopes;
  readonly learningRate: number;
}

/** The gradient of the mean logarithm of the determinants, with respect to v = x h and to the model. */
interface Slopes extends Model {
  readonly v: Tensor;
}

/**
 * Maximum likelihood: `E[|y|^2 / 2 - log |det dy/dz|]` falls, step by step.
 *
 * @param draw The next batch, (samples, dimensions).
 * @param rotation Where the linear transform starts, (dimensions, dimensions).
 * @param steps How many batches to take.
 * @param runtime Where to compute.
 * @param onSteps Told how many steps have been done since it was last told.
 */
export async function fit(
  draw: () => Tensor,
  rotation: Tensor,
  steps: number,
  runtime: Runtime,
  onSteps: (count: number) => void,
): Promise<Model> {
  let model: Model = { h: rotation, gdn: initGdn(rotation.shape[0]) };
  let state: AdamState<Model> = initAdam(model);
  const project = pipeline(
    (ops, { x, h }: { x: Tensor; h: Tensor }) => ops.matmul(x, h),
    { runtime },
  );
  const descend = pipeline((ops, { x, model, state, slopes, learningRate }: Input) => {
    const grads = ops.grad(({ h, gdn }) => {
      const v = ops.matmul(x, h);
      const energy = ops.l2(ops.gdn(v, gdn), 0.5 / x.shape[0]);
      // There is no op for determinants. Their slopes come from outside, and a loss that is linear in
      // what they are taken of has the same gradient.
      const terms = [
        ops.mul(v, slopes.v),
        ops.mul(h, slopes.h),
        ops.mul(gdn.reparamBeta, slopes.gdn.reparamBeta),
        ops.mul(gdn.reparamGamma, slopes.gdn.reparamGamma),
      ];
      return terms.reduce((loss, term) => ops.sub(loss, ops.sum(term)), energy);
    }, model);
    return ops.adam(model, grads, state, { learningRate });
  }, { runtime });
  for (let step = 0; step < steps; step++) {
    const x = draw();
    const slopes = slopesOf(await project({ x, h: model.h }), model);
    const learningRate = 0.02 * (1 - step / steps);
    ({ params: model, state } = await descend({ x, model, state, slopes, learningRate }));
    onSteps(1);
  }
  return model;
}

/** Which way the determinants grow. */
function slopesOf(v: Tensor, { h, gdn: { reparamBeta, reparamGamma } }: Model): Slopes {
  const [samples, n] = v.shape;
  const { beta, gamma } = gdnParams({ reparamBeta, reparamGamma });
  const sums = logDeterminants(v.data, beta.data, gamma.data);
  const mean = (sum: Float64Array) => sum.map((value) => value / samples);
  return {
    v: tensor(sums.x.map((value) => value / samples), v.shape),
    // Of log |det h| it is the inverse, transposed.
    h: tensor(Float32Array.from(transposed(inverse(h.data, n).inverse, n)), h.shape),
    gdn: {
      reparamBeta: ofStored(reparamBeta, mean(sums.beta), 1e-6),
      reparamGamma: ofStored(reparamGamma, mean(sums.gamma), 0),
    },
  };
}

/** The slope of a stored parameter from that of the effective one. */
function ofStored(raw: Tensor, effective: Float64Array, minimum: number): Tensor {
  const bound = Math.sqrt(minimum + 2 ** -36);
  const pushed = raw.data.map((value, i) => 2 * Math.max(value, bound) * effective[i]);
  // Below its bound a parameter follows only a step that leads back; here the slope is one uphill.
  const followed = pushed.map((value, i) =>
    raw.data[i] >= Math.fround(bound) || value > 0 ? value : 0
  );
  return tensor(followed, raw.shape);
}

/** What the model makes of data, and what that takes from their negentropy, in nats. */
export async function transformed(
  { h, gdn }: Model,
  z: Tensor,
  runtime: Runtime,
): Promise<{ readonly y: Float32Array; readonly gain: number }> {
  const apply = pipeline((ops, x: Tensor) => {
    const v = ops.matmul(x, h);
    return { v, y: ops.gdn(v, gdn) };
  }, { runtime });
  const [count, n] = z.shape;
  const { v, y } = await apply(z);
  const { beta, gamma } = gdnParams(gdn);
  const { sum } = logDeterminants(v.data, beta.data, gamma.data);
  const logDeterminant = sum / count + inverse(h.data, n).logDeterminant;
  const power = (data: Float32Array) => data.reduce((sum, value) => sum + value ** 2, 0);
  const change = (power(y.data) - power(z.data)) / count / 2 - logDeterminant;
  return { y: y.data, gain: -change };
}
