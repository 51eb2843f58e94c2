import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { activate, type ActivationName, erf, erfc } from "./activations.ts";
import { assertClose } from "../support/close.ts";
import { EXACT } from "./scattered.ts";

describe("oracle activations", () => {
  it("have tabulated error functions (Abramowitz and Stegun, tables 7.1 and 7.3)", () => {
    assertClose(
      [0, 0.5, 1, -1, 1.5, 2, 3].map(erf),
      [
        0,
        0.5204998778130465,
        0.8427007929497149,
        -0.8427007929497149,
        0.9661051464753108,
        0.9953222650189527,
        0.9999779095030014,
      ],
      1e-15,
    );
    assertClose(
      [3, 5].map((v) => erfc(v) * 1e5),
      [2.209049699858544, 1.5374597944280349e-7],
      1e-13,
    );
    assertClose([erfc(5) * 1e12], [1.5374597944280349], 1e-13);
  });

  it("switch between series and fraction without a step", () => {
    const below = erfc(1.5 - 2 ** -50);
    assertClose([erfc(1.5) / below], [1], 1e-13);
  });

  it("have closed forms at 0, at 1 and at -1", () => {
    const e = Math.E;
    const phi = 0.8413447460685429; // the normal distribution at 1
    const expected: Record<ActivationName, [number, number, number]> = {
      relu: [0, 1, 0],
      relu6: [0, 1, 0],
      leakyRelu: [0, 1, -0.2],
      elu: [0, 1, 1 / e - 1],
      sigmoid: [0.5, e / (1 + e), 1 / (1 + e)],
      tanh: [0, (e * e - 1) / (e * e + 1), (1 - e * e) / (e * e + 1)],
      softplus: [Math.LN2, Math.log(1 + e), Math.log(1 + 1 / e)],
      swish: [0, e / (1 + e), -1 / (1 + e)],
      gelu: [0, phi, phi - 1],
    };
    for (const name of Object.keys(expected) as ActivationName[]) {
      assertClose([0, 1, -1].map((v) => activate(v, name)), expected[name], EXACT);
    }
    assertEquals(activate(-3), -3);
    assertEquals(activate(7, "relu6"), 6);
  });

  it("neither overflow nor lose NaN", () => {
    assertEquals(activate(1000, "softplus"), 1000);
    assertEquals(activate(-1000, "sigmoid"), 0);
    for (const name of ["relu", "relu6", "leakyRelu", "elu", "tanh", "softplus", "swish", "gelu"]) {
      assert(Number.isNaN(activate(NaN, name as ActivationName)), `${name} must keep NaN`);
    }
  });
});
