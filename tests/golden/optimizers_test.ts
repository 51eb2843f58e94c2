import { describe } from "@std/testing/bdd";
import type { Runtime, Tensor } from "../../mod.ts";
import { adam, adamw, initAdam, initSgd, sgd } from "../../ops/training/mod.ts";
import { itOnEachBackend } from "../support/backends.ts";
import { assertTensors } from "./agree.ts";
import { casesOf } from "./read.ts";

type Params = Readonly<Record<string, Tensor>>;
type Words = Readonly<Record<string, never>>;

/** PyTorch's names of arguments, and those here. */
const NAMES: Readonly<Record<string, string>> = {
  lr: "learningRate",
  eps: "epsilon",
  weight_decay: "weightDecay",
};

/** PyTorch's arguments as options. */
function optionsOf({ betas, ...own }: Readonly<Record<string, unknown>>): Words {
  const renamed = Object.entries(own).map(([name, value]) => [NAMES[name] ?? name, value]);
  const [beta1, beta2] = (betas ?? []) as number[];
  return Object.fromEntries([
    ...renamed,
    ...(betas === undefined ? [] : [["beta1", beta1], ["beta2", beta2]]),
  ]);
}

/** Optimizers that step from parameters by gradients, each with its own state. */
const OPTIMIZERS = {
  SGD(start: Params, options: Words, runtime: Runtime) {
    let state = initSgd(start);
    return async (params: Params, grads: Params) => {
      const next = await sgd(params, grads, state, { learningRate: 0.001, ...options, runtime });
      state = next.state;
      return next.params;
    };
  },
  Adam(start: Params, options: Words, runtime: Runtime) {
    let state = initAdam(start);
    return async (params: Params, grads: Params) => {
      const next = await adam(params, grads, state, { ...options, runtime });
      state = next.state;
      return next.params;
    };
  },
  AdamW(start: Params, options: Words, runtime: Runtime) {
    let state = initAdam(start);
    return async (params: Params, grads: Params) => {
      const next = await adamw(params, grads, state, { ...options, runtime });
      state = next.state;
      return next.params;
    };
  },
};

const CASES = await casesOf("pytorch");

describe("PyTorch's optimizers", () => {
  for (const one of CASES) {
    if (!Object.hasOwn(OPTIMIZERS, one.op)) continue;
    const { op, inputs, outputs } = one;
    itOnEachBackend(`agree on ${one.name}`, async (runtime) => {
      const step = OPTIMIZERS[op as keyof typeof OPTIMIZERS](
        one.params,
        optionsOf(one.options),
        runtime,
      );
      const actual: Record<string, Tensor> = {};
      let params = one.params;
      for (let t = 0; `w.${t}` in outputs; t++) {
        params = await step(params, { w: inputs[`w.${t}`], b: inputs[`b.${t}`] });
        for (const [name, value] of Object.entries(params)) actual[`${name}.${t}`] = value;
      }
      assertTensors(one, "outputs", actual);
    });
  }
});
