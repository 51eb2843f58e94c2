import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { array64, transpose } from "./array.ts";
import { assertClose } from "../support/close.ts";
import { EXACT, scattered } from "./scattered.ts";
import { groupNorm, layerNorm } from "./group_norm.ts";

describe("oracle groupNorm and layerNorm", () => {
  const x = array64([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]);

  it("scale and shift by channel, then activate (4.1)", () => {
    const plain = groupNorm(x, { groups: 2, reductionAxes: [1, 2] });
    const gamma = [1, -2, 3, 0.5];
    const beta = [0.1, 0.2, -0.3, 0.4];
    const y = groupNorm(x, { groups: 2, reductionAxes: [1, 2], gamma, beta, activation: "relu" });
    const expected = plain.data.map((v, index) =>
      Math.max(0, v * gamma[index % 4] + beta[index % 4])
    );
    assertClose(y.data, expected, EXACT);
    const turned = groupNorm(transpose(x, [0, 3, 1, 2]), {
      groups: 2,
      channelsAxis: -3,
      reductionAxes: [-2, -1],
      gamma,
      beta,
      activation: "relu",
    });
    assertEquals(turned, transpose(y, [0, 3, 1, 2]));
  });

  it("take the variance in one pass where meanCloseToZero asks (4.3)", () => {
    const y = groupNorm(x, { groups: 2, reductionAxes: [1, 2], meanCloseToZero: true });
    assertClose(y.data, groupNorm(x, { groups: 2, reductionAxes: [1, 2] }).data, 1e-12);
    // 1e8 + {-1, 1} squared loses the spread: the variance is 0, or below it, and not 1
    const far = array64([1e8 - 1, 1e8 + 1], [1, 2, 1]);
    const wrong = groupNorm(far, { groups: 1, reductionAxes: [1], meanCloseToZero: true });
    assert(!(Math.abs(wrong.data[1] - 1) < 0.1), `must differ from 1, got ${wrong.data[1]}`);
    assertClose(groupNorm(far, { groups: 1, reductionAxes: [1] }).data, [-1, 1], 1e-6);
  });

  it("agree where they mean the same", () => {
    const v = array64(scattered(24, 5), [2, 3, 4]);
    assertClose(
      layerNorm(v, { axes: [-2, -1], epsilon: 1e-3 }).data,
      groupNorm(v, { groups: 1, reductionAxes: [1], epsilon: 1e-3 }).data,
      EXACT,
    );
  });

  it("place the parameters of layerNorm within the normalised axes", () => {
    const v = array64([1, 3, 5, 7, 2, 2, 4, 4], [2, 2, 2]);
    const y = layerNorm(v, { axes: [1, 2], gamma: [1, 2, 3, 4], beta: [0, 0, 0, 1], epsilon: 0 });
    const s = Math.sqrt(5);
    assertClose(y.data, [-3 / s, -2 / s, 3 / s, 1 + 12 / s, -1, -2, 3, 5], EXACT);
    assertThrows(() => layerNorm(v, { axes: [0, 1] }), TypeError, "axes must be the last of 3");
  });
});
