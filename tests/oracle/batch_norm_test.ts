import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { array64, coordinatesOf, type NumberArray, transpose } from "./array.ts";
import { batchNorm, type BatchNormState64 } from "./batch_norm.ts";
import { assertClose } from "../support/close.ts";
import { EXACT, scattered } from "./scattered.ts";

/** A column: one channel. */
function column(...values: number[]): NumberArray {
  return array64(values, [values.length, 1]);
}

function stateOf(movingMean: number[], movingVariance: number[]): BatchNormState64 {
  return { movingMean, movingVariance };
}

describe("oracle batchNorm", () => {
  const x = column(1, 2, 3, 4);

  it("normalises by the state in inference and leaves it (5.2)", () => {
    const state = stateOf([1], [4]);
    const { y, state: after } = batchNorm(x, state, {
      training: false,
      epsilon: 0,
      beta: [1],
      gamma: [-2],
      adjustment: { scale: column(9), bias: column(9) },
      activation: "relu",
    });
    assertClose(y.data, [1, 0, 0, 0], EXACT);
    assertEquals(after, stateOf([1], [4]));
  });

  it("does not limit renorm without clipping: the old statistics are restored (5.7)", () => {
    const renorm = { movingStddev: [2], renormMean: [1], renormStddev: [2] };
    const { y } = batchNorm(x, { ...stateOf([1], [4]), renorm }, { renorm: true });
    assertClose(y.data, [0, 0.5, 1, 1.5], EXACT);
  });

  it("floors the divisor of renorm and clips from below first (5.7)", () => {
    const renorm = { movingStddev: [1], renormMean: [0], renormStddev: [0] };
    const state = { ...stateOf([0], [1]), renorm };
    const free = batchNorm(x, state, { renorm: true, epsilon: 0.25, renormDecay: 1 });
    assertClose(free.y.data, [2, 4, 6, 8], EXACT); // everything is divided by sqrt(0.25)
    assertEquals(free.state.renorm?.renormStddev[0], 0);
    const clipped = batchNorm(x, state, {
      renorm: true,
      epsilon: 0,
      renormClipping: { rmin: 3, rmax: 2, dmax: 0 },
    });
    assertClose(clipped.y.data, [-3, -1, 1, 3].map((v) => 2 * v / Math.sqrt(5)), EXACT);
  });

  it("keeps the variance that renorm derives at 0 or above (5.7)", () => {
    const renorm = { movingStddev: [0], renormMean: [0], renormStddev: [1] };
    const { state } = batchNorm(column(5, 5), { ...stateOf([0], [1]), renorm }, {
      renorm: true,
      decay: 0.5,
    });
    assertEquals(state.movingVariance[0], 0);
  });

  it("adjusts before gamma and beta, broadcasting as numpy does (5.8)", () => {
    const v = array64(scattered(8, 6), [2, 2, 2]);
    const plain = batchNorm(v, stateOf([0, 0], [1, 1])).y.data;
    const scale = array64([2, 3], [2, 1]);
    const bias = array64([-1, 1], [2, 1, 1]);
    const { y } = batchNorm(v, stateOf([0, 0], [1, 1]), {
      adjustment: { scale, bias },
      gamma: [5, 7],
      beta: [0.5, 0.25],
    });
    const expected = plain.map((value, index) => {
      const [n, s, c] = coordinatesOf(index, [2, 2, 2]);
      return (value * [2, 3][s] + [-1, 1][n]) * [5, 7][c] + [0.5, 0.25][c];
    });
    assertClose(y.data, expected, 1e-13);
  });

  it("leaves the state of an empty batch alone, and gives beta where a channel has one value", () => {
    const state = stateOf([3], [5]);
    const empty = batchNorm(array64([], [0, 1]), state);
    assertEquals(empty.y, { shape: [0, 1], data: new Float64Array(0) });
    assertEquals(empty.state, stateOf([3], [5]));
    const one = batchNorm(column(7), state, { besselCorrected: true, beta: [0.5], decay: 0 });
    assertEquals([...one.y.data], [0.5]);
    assertEquals([one.state.movingMean[0], one.state.movingVariance[0]], [7, 0]);
  });

  it("reads channels from axis 1 too", () => {
    const v = array64(scattered(24, 8), [2, 4, 3]);
    const options = { gamma: [1, 2, 3], weights: [1, 3] };
    const state = stateOf([0, 0, 0], [1, 1, 1]);
    const last = batchNorm(v, state, options);
    const first = batchNorm(transpose(v, [0, 2, 1]), state, { ...options, channelsAxis: 1 });
    assertEquals(first.y, transpose(last.y, [0, 2, 1]));
    assertEquals(first.state, last.state);
  });

  it("asks for the state that an option keeps", () => {
    const bare = stateOf([0], [1]);
    assertThrows(() => batchNorm(x, bare, { renorm: true }), TypeError, "state must hold renorm");
    assertThrows(
      () => batchNorm(x, bare, { zeroDebias: true }),
      TypeError,
      "state must hold debias",
    );
  });
});
