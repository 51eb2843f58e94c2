/**
 * Arguments that several rows share; each call makes them again.
 *
 * @module
 */
import { tensor } from "../../../mod.ts";
import { type Anything, runtime } from "./row.ts";

export const x = () => tensor([[1, 2], [3, 5]]);
export const square = () => tensor([[0.1, 0.2], [0.3, 0.4]]);
export const effective = () => ({ beta: [1, 2], gamma: square() });
export const stored = () => ({ reparamBeta: [1, 2], reparamGamma: square() });
export const affine = () => ({ beta: [0, 1], gamma: [1, 2] });
export const norm = () => ({ epsilon: 1e-3, activation: "relu", runtime });
export const gdnOptions = () => ({
  inverse: false,
  dataFormat: "NHWC",
  alphaParameter: 2,
  epsilonParameter: 0.5,
  rectify: false,
  betaMin: 1e-6,
  reparamOffset: 2 ** -18,
  runtime,
});
export const reparam = () => ({ betaMin: 1e-6, reparamOffset: 2 ** -18 });
export const moving = () => ({ movingMean: [0, 0], movingVariance: [1, 1] });
export const summary = () => ({ count: tensor(2), mean: tensor([1, 2]), m2: tensor([1, 2]) });
/** A group of one replica. */
export const alone = () => ({
  rank: 0,
  size: 1,
  allGather: (part: Float64Array) => Promise.resolve([part.slice()]),
  allReduce: (values: Float32Array) => Promise.resolve(values.slice()),
});
export const variables = () => ({ w: tensor([1, 2]), list: [tensor([3])] });
export const clipping = () => ({ rmin: 0.5, rmax: 2, dmax: 1 });
export const dy = () => tensor([[1, 0], [0, 1]]);
export const vjpOf = async (made: Promise<{ vjp: Anything }>) => (await made).vjp;
