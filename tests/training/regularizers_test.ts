import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { tensor } from "../../mod.ts";
import { l1, l1l2, l2 } from "../../ops/training/mod.ts";

describe("regularizers", () => {
  const t = tensor([[1, -2], [3, 0]]);

  it("sum magnitudes and squares", () => {
    assertEquals([l1(1)(t), l2(1)(t), l1l2({ l1: 2, l2: 1 })(t)], [6, 14, 26]);
  });

  it("weigh by 0.01 when not told otherwise", () => {
    assertAlmostEquals(l1()(t), 0.06, 1e-12);
    assertAlmostEquals(l2()(t), 0.14, 1e-12);
    assertAlmostEquals(l1l2()(t), 0.2, 1e-12);
  });

  it("sum in double precision", () => {
    const many = tensor(new Float32Array(1 << 20).fill(0.1));
    assertAlmostEquals(l1(1)(many), (1 << 20) * Math.fround(0.1), 1e-6);
  });

  it("refuse what is out of their domain", () => {
    assertEquals(
      assertThrows(() => l1(-1), RangeError).message,
      "Cannot make a regularizer: l1 must be a finite number >= 0, got -1",
    );
    assertEquals(
      assertThrows(() => l1l2({ l2: NaN }), RangeError).message,
      "Cannot make a regularizer: l2 must be a finite number >= 0, got NaN",
    );
    assertEquals(
      assertThrows(() => l2()([1] as unknown as typeof t), TypeError).message,
      "Cannot regularize: tensor must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it",
    );
  });
});
