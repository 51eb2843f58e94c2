import { describe, it } from "@std/testing/bdd";
import { gdnFromTensorFlow, type GdnVariables, gdnVjp, initGdn, type Tensor } from "../../mod.ts";
import { assertClose } from "../support/close.ts";
import { itAgrees } from "./agree.ts";
import { casesOf } from "./read.ts";

const CASES = (await casesOf("contrib")).filter(({ op }) => op === "gdn");

/** The initial values are rounded once, to numbers of up to 1.1. */
const ROUNDING = 2 ** -23;

describe("gdn of tf.contrib", () => {
  for (const one of CASES) {
    const { gamma_init: _, ...own } = one.options;
    const { params, options } = gdnFromTensorFlow(one.params, { version: 1, ...own });
    const variables = params as GdnVariables<Tensor>;
    const channels = own.data_format === "channels_first" ? 1 : -1;
    itAgrees(one, channels, async ({ runtime, x, dy, dataFormat }) => {
      const { y, vjp } = await gdnVjp(x, variables, { ...options, dataFormat, runtime });
      const { x: dx, params: { reparamBeta, reparamGamma } } = await vjp(dy);
      return { y, gradients: { x: dx, reparam_beta: reparamBeta, reparam_gamma: reparamGamma } };
    });
  }
});

describe("initial parameters of tf.contrib's gdn", () => {
  for (const { name, params, options } of CASES) {
    if (!name.startsWith("gdn init")) continue;
    it(`are those of initGdn, ${name}`, () => {
      const { gamma_init: gammaInit, reparam_offset: reparamOffset = 2 ** -18 } = options;
      const { reparamBeta, reparamGamma } = initGdn(5, { gammaInit, reparamOffset });
      assertClose(reparamBeta.data, params.reparam_beta.data, ROUNDING, "reparamBeta");
      assertClose(reparamGamma.data, params.reparam_gamma.data, ROUNDING, "reparamGamma");
    });
  }
});
