import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertClose } from "../support/close.ts";
import { torchGroupNorm, torchInstanceNorm, torchLayerNorm } from "./framework_norms.ts";

/** Printed values have nine digits. */
const PRINTED = 1e-8;

describe("the norms of PyTorch", () => {
  it("are those of docs/semantics.md, section 4.6", () => {
    // 1 to 8 with the channels last there; here the same sets with the channels on axis 1.
    const x = [1, 5, 2, 6, 3, 7, 4, 8];
    const outer = 1.21267798;
    const inner = 0.72760679;
    assertClose(
      torchGroupNorm(x, [1, 4, 2], 2, 1e-6, {}),
      [-outer, inner, -inner, outer, -outer, inner, -inner, outer],
      PRINTED,
    );
    const layer = torchLayerNorm([1, 2, 3], 3, 1e-5, { weight: [1, 1, 2], bias: [0, 0, 5] });
    assertClose(layer, [-1.22473569, 0, 7.44947137], PRINTED);
  });

  it("give the bias for a single position", () => {
    const affine = { weight: [2, 3], bias: [1, -1] };
    assertEquals(torchInstanceNorm([5, 7], [1, 2, 1], 1e-5, affine), [1, -1]);
  });
});
