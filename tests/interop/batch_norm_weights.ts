/**
 * One layer of two channels in the names of each framework.
 *
 * @module
 */
export const keras = { gamma: [1, 1], beta: [0, 0], moving_mean: [0, 0], moving_variance: [1, 1] };
const { gamma: _, ...withoutGamma } = keras;
export const contrib = withoutGamma;
export const torch = { weight: [1, 1], bias: [0, 0], running_mean: [0, 0], running_var: [1, 1] };
export const onnx = { scale: [1, 1], B: [0, 0], input_mean: [0, 0], input_var: [1, 1] };
export const renorm = { moving_stddev: [1, 1], renorm_mean: [0, 0], renorm_stddev: [1, 1] };
