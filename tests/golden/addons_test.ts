import { describe } from "@std/testing/bdd";
import { groupNormVjp } from "../../mod.ts";
import { itAgrees } from "./agree.ts";
import { casesOf } from "./read.ts";

const CASES = await casesOf("addons");

describe("GroupNormalization and InstanceNormalization of tensorflow-addons", () => {
  for (const one of CASES) {
    const { axis = -1, epsilon = 1e-3 } = one.options;
    // Instance norm there is group norm with one channel in a group.
    const groups = one.op === "InstanceNormalization" ? -1 : one.options.groups ?? 32;
    itAgrees(one, axis, async ({ runtime, x, dy, channelsAxis }) => {
      const options = { groups, channelsAxis, epsilon, runtime };
      const { y, vjp } = await groupNormVjp(x, one.params, options);
      const { x: dx, params } = await vjp(dy);
      return { y, gradients: { x: dx, ...params } };
    });
  }
});
