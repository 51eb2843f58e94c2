import { describe } from "@std/testing/bdd";
import { gdnFromTensorFlow, type GdnVariables, gdnVjp, type Tensor } from "../../mod.ts";
import { itAgrees } from "./agree.ts";
import { type Case, casesOf } from "./read.ts";

/** An exponent's cotangent as that of its stored form, whose square it is but for 2^-36. */
function stored(one: Case, name: string, cotangent: Tensor): Tensor | undefined {
  const variable = one.params[name];
  if (variable === undefined) return undefined;
  return { shape: [], data: Float32Array.of(2 * variable.data[0] * cotangent.data[0]) };
}

const CASES = (await casesOf("compression")).filter(({ op }) => op === "GDN");

describe("GDN of tensorflow-compression", () => {
  for (const one of CASES) {
    const { params, options } = gdnFromTensorFlow(one.params, { version: 2, ...one.options });
    const variables = params as GdnVariables<Tensor>;
    const channels = one.options.data_format === "channels_first" ? 1 : -1;
    itAgrees(one, channels, async ({ runtime, x, dy, dataFormat }) => {
      const { y, vjp } = await gdnVjp(x, variables, { ...options, dataFormat, runtime });
      const cotangents = await vjp(dy);
      const { reparamBeta, reparamGamma } = cotangents.params;
      return {
        y,
        gradients: {
          x: cotangents.x,
          reparam_beta: reparamBeta,
          reparam_gamma: reparamGamma,
          reparam_alpha: stored(one, "reparam_alpha", cotangents.alphaParameter),
          reparam_epsilon: stored(one, "reparam_epsilon", cotangents.epsilonParameter),
        },
      };
    });
  }
});
