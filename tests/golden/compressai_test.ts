import { describe } from "@std/testing/bdd";
import { gdnFromCompressAI, gdnVjp, type Tensor } from "../../mod.ts";
import { transposed } from "../support/random.ts";
import { itAgrees } from "./agree.ts";
import { casesOf } from "./read.ts";

/** CompressAI's gamma is that of a convolution, from its second axis to its first. */
const turned = (gamma: Tensor) => transposed(gamma, [1, 0]);

const CASES = await casesOf("compressai_gdn");

describe("GDN and GDN1 of CompressAI", () => {
  for (const one of CASES) {
    const layer = one.op as "GDN" | "GDN1";
    const { gamma_init: _, ...own } = one.options;
    const { params, options } = gdnFromCompressAI(one.params, { layer, ...own });
    itAgrees(one, 1, async ({ runtime, x, dy, dataFormat }) => {
      const { y, vjp } = await gdnVjp(x, params, { ...options, dataFormat, runtime });
      const { x: dx, params: { reparamBeta, reparamGamma } } = await vjp(dy);
      return { y, gradients: { x: dx, beta: reparamBeta, gamma: turned(reparamGamma) } };
    });
  }
});
