import { describe, it } from "@std/testing/bdd";
import { dot, gradientOf } from "../support/slope.ts";
import { array64 } from "./array.ts";
import { assertClose } from "../support/close.ts";
import { scattered } from "./scattered.ts";
import { groupNorm } from "./group_norm.ts";
import { statisticsSets } from "./moments.ts";
import { normVjp } from "./norm_vjp.ts";

describe("oracle normVjp", () => {
  it("is the slope of groupNorm", () => {
    const shape = [2, 3, 4];
    const x = scattered(24, 1);
    const dy = scattered(24, 2);
    const beta = scattered(4, 3);
    const gamma = scattered(4, 4);
    const options = { groups: 2, reductionAxes: [1], epsilon: 1e-3 };
    const { of } = statisticsSets(shape, [1], { groups: 2 });
    const places = Array.from(x, (_, i) => i % 4);
    const found = normVjp(array64(x, shape), dy, { sets: of, places, gamma, epsilon: 1e-3 });
    const loss = (x: ArrayLike<number>, beta: ArrayLike<number>, gamma: ArrayLike<number>) =>
      dot(groupNorm({ data: x, shape }, { ...options, beta, gamma }).data, dy);
    // Differences of fourth order are off by about that much.
    const close = 1e-9;
    assertClose(found.dx.data, gradientOf((moved) => loss(moved, beta, gamma), x), close);
    assertClose(found.dBeta, gradientOf((moved) => loss(x, moved, gamma), beta), close);
    assertClose(found.dGamma, gradientOf((moved) => loss(x, beta, moved), gamma), close);
  });
});
