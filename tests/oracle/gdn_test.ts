import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { array64, transpose } from "./array.ts";
import { assertClose } from "../support/close.ts";
import { EXACT, scattered } from "./scattered.ts";
import { effective, effectiveGradient, gdn, gdnVjp } from "./gdn.ts";

describe("oracle gdn", () => {
  const beta = [1, 2];
  const gamma = [0.1, 0.2, 0.3, 0.4];

  it("reads channels from any axis and takes |x| before it", () => {
    const v = array64(scattered(12, 1), [2, 3, 2]);
    const last = gdn(v, beta, gamma, { alpha: 1.5, epsilon: 0.7 });
    const first = gdn(transpose(v, [0, 2, 1]), beta, gamma, {
      alpha: 1.5,
      epsilon: 0.7,
      channelsAxis: 1,
    });
    assertEquals(first, transpose(last, [0, 2, 1]));
    const mirrored = gdn(array64(v.data.map((value) => -value), v.shape), beta, gamma, {
      alpha: 1.5,
      epsilon: 0.7,
    });
    assertEquals(mirrored.data, last.data.map((value) => -value));
  });

  it("rectifies the numerator too", () => {
    const y = gdn(array64([-3, 2], [1, 2]), beta, gamma, { rectify: true });
    assertClose(y.data, [0, 2 / Math.sqrt(2 + 0.4 * 4)], EXACT);
  });
});

describe("oracle gdn parameters", () => {
  const offset = 2 ** -18;

  it("are bounded from below in effect, as 2.2 says", () => {
    assertClose(effective([-1, 0, 0.5], 1e-6, offset), [1e-6, 1e-6, 0.25 - offset ** 2], 1e-18);
    assertEquals([...effective([-1, 0, offset], 0, offset)], [0, 0, 0]);
  });

  it("have the stored gradient of 2.3: both signs pass on the bound", () => {
    const raw = [offset, offset, 0, 0, 0.5];
    const gradient = effectiveGradient(raw, 0, offset, [1, -1, 1, -1, 3]);
    assertEquals([...gradient], [2 * offset, -2 * offset, 0, -2 * offset, 3]);
  });
});

describe("oracle gdnVjp", () => {
  it("counts x = 0 as nothing (2.4)", () => {
    const found = gdnVjp(array64([0, 2], [1, 2]), [1, 2], [1, 1, 1, 1], [1, 1], { alpha: 1 });
    assertClose(found.dx.data.slice(0, 1), [1 / Math.sqrt(3)], EXACT);
    assert(Number.isFinite(found.dAlpha), `dAlpha must be finite, got ${found.dAlpha}`);
  });
});
