import { createRuntime, gdnVjp, initGdn, type Tensor, tensor } from "../../mod.ts";
import {
  adam,
  type AdamOptions,
  type AdamState,
  adamw,
  type AdamWOptions,
  type Gradients,
  initAdam,
  initSgd,
  nonNeg,
  sgd,
  type SgdOptions,
  type SgdState,
} from "../../ops/training/mod.ts";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { pipeline } from "../support/eagerly.ts";
import { randomTensor } from "../support/random.ts";
import { assertRejected } from "../support/reject.ts";

/** Twenty steps, each rounding a few times numbers of about 1. */
const TOLERANCE = 5e-6;
const STEPS = 20;

type Params = ReturnType<typeof start>;

const start = () => ({
  layers: [{ w: randomTensor([3, 4], { seed: 1 }), b: randomTensor([4], { seed: 2 }) }],
  gain: tensor(Float32Array.of(1.5), []),
});
/** Gradients of a bowl, and of something that changes from step to step. */
const gradOf = (w: ArrayLike<number>, t: number) =>
  Array.from(w, (value, i) => 0.5 * value + Math.sin(t + i));
const gradsOf = (params: Params, t: number) => {
  const of = ({ shape, data }: Tensor) => tensor(Float32Array.from(gradOf(data, t)), shape);
  const [{ w, b }] = params.layers;
  return { layers: [{ w: of(w), b: of(b) }], gain: of(params.gain) };
};
const flat = ({ layers: [{ w, b }], gain }: Params) => [
  ...w.data,
  ...b.data,
  ...gain.data,
];

/** The same steps in float64, one number after the other. */
function inDouble(update: (w: number, grad: number, t: number, i: number) => number): number[] {
  const [{ w, b }] = start().layers;
  let parts = [w.data, b.data, start().gain.data].map((data) => Array.from(data));
  for (let t = 1; t <= STEPS; t++) {
    let i = 0;
    parts = parts.map((part) => {
      const grads = gradOf(part, t);
      return part.map((value, k) => update(value, grads[k], t, i++));
    });
  }
  return parts.flat();
}

describe("sgd", () => {
  for (
    const options of [
      { learningRate: 0.1 },
      { learningRate: 0.05, momentum: 0.9 },
      { learningRate: 0.05, momentum: 0.9, nesterov: true },
      { learningRate: 0.05, weightDecay: 0.3 },
      { learningRate: 0.05, momentum: 0.9, dampening: 0.5, weightDecay: 0.3 },
      { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.3 },
      { learningRate: 0.05, dampening: 0.5 },
    ] as readonly SgdOptions[]
  ) {
    itOnEachBackend(`steps as defined, ${JSON.stringify(options)}`, async (runtime) => {
      let params: Params = start();
      let state = initSgd(params);
      for (let t = 1; t <= STEPS; t++) {
        const grads = gradsOf(params, t);
        ({ params, state } = await sgd(params, grads, state, { ...options, runtime }));
      }
      const { learningRate = 0, momentum = 0, nesterov } = options;
      const { dampening = 0, weightDecay = 0 } = options;
      const velocity: number[] = [];
      const expected = inDouble((w, grad, t, i) => {
        const g = grad + weightDecay * w;
        const share = t === 1 || momentum === 0 ? 1 : 1 - dampening;
        velocity[i] = momentum * (velocity[i] ?? 0) + share * g;
        return w - learningRate * (nesterov ? g + momentum * velocity[i] : velocity[i]);
      });
      assertClose(flat(params), expected, TOLERANCE);
      assertClose(
        flat(state.velocity),
        velocity,
        TOLERANCE * 10,
        "velocity",
      );
      assertEquals(state.step, tensor(Float32Array.of(STEPS), []));
    });
  }
});

describe("adam and adamw", () => {
  for (
    const [name, step, options] of [
      ["adam", adam, {}],
      ["adam", adam, { learningRate: 0.05, beta1: 0.8, beta2: 0.99, epsilon: 1e-4 }],
      ["adamw", adamw, { learningRate: 0.1 }],
      ["adamw", adamw, { learningRate: 0.01, weightDecay: 0.1, beta1: 0.8, epsilon: 1e-4 }],
    ] as readonly [string, typeof adam, AdamWOptions][]
  ) {
    const title = `${name} steps as defined, ${JSON.stringify(options)}`;
    itOnEachBackend(title, async (runtime) => {
      let params: Params = start();
      let state = initAdam(params);
      for (let t = 1; t <= STEPS; t++) {
        const grads = gradsOf(params, t);
        ({ params, state } = await step(params, grads, state, { ...options, runtime }));
      }
      const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999 } = options;
      const { epsilon = 1e-8, weightDecay = step === adam ? 0 : 0.01 } = options;
      const m: number[] = [];
      const v: number[] = [];
      const expected = inDouble((w, grad, t, i) => {
        m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * grad;
        v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * grad ** 2;
        const first = m[i] / (1 - beta1 ** t);
        const second = v[i] / (1 - beta2 ** t);
        return w - learningRate * (first / (Math.sqrt(second) + epsilon) + weightDecay * w);
      });
      assertClose(flat(params), expected, TOLERANCE);
      assertEquals(state.step, tensor(Float32Array.of(STEPS), []));
    });
  }

  itOnEachBackend(
    "is one plan with the gradients in a pipeline, for any rate",
    async (_, backend) => {
      await using runtime = await createRuntime({ backend });
      const x = randomTensor([6, 3], { seed: 4 });
      const target = randomTensor([6, 3], { seed: 5 });
      const train = pipeline((ops, input: {
        params: ReturnType<typeof initGdn>;
        state: ReturnType<typeof initAdam<ReturnType<typeof initGdn>>>;
        rate: number;
      }) => {
        const { y, vjp } = ops.gdnVjp(x, input.params);
        const error = ops.sub(y, target);
        const loss = ops.mean(ops.mul(error, error));
        const { params: grads } = vjp(ops.scale(error, 2 / 18));
        const options = { learningRate: input.rate };
        return { loss, ...ops.adam(input.params, grads, input.state, options) };
      }, { runtime });
      let params = initGdn(3);
      let state = initAdam(params);
      const losses: number[] = [];
      for (let t = 0; t < 30; t++) {
        const runs = runtime.stats().runs[backend];
        const step = await train({ params, state, rate: 0.03 / (1 + t / 10) });
        assertEquals(runtime.stats().runs[backend], runs + 1);
        ({ params, state } = step);
        losses.push(step.loss.data[0]);
      }
      assert(losses.at(-1)! < 0.98 * losses[0], `${losses[0]} to ${losses.at(-1)}`);
      assertEquals(runtime.stats().plansCompiled, 1);
    },
  );

  itOnEachBackend("goes on where float32 counts no further", async (runtime) => {
    const params = { w: tensor([1, 2]) };
    const state = { ...initAdam(params), step: tensor(2 ** 24 - 1) };
    const grads = { w: tensor([0.1, 0.2]) };
    const first = await adam(params, grads, state, { runtime });
    const second = await adam(first.params, grads, first.state, { runtime });
    assertEquals(second.state.step, tensor(2 ** 24));
    assert(second.params.w.data.every(Number.isFinite));
  });

  itOnEachBackend("takes counts of others that are larger for that many", async (runtime) => {
    const params = { w: tensor([1, 2]) };
    const grads = { w: tensor([0.1, 0.2]) };
    const after = async (steps: number) => {
      const state = { ...initAdam(params), step: tensor(steps) };
      return (await adam(params, grads, state, { beta2: 1 - 1e-8, runtime })).params;
    };
    const expected = await after(2 ** 24);
    assert(expected.w.data.every(Number.isFinite));
    for (const steps of [2 ** 25, 2 ** 53]) assertEquals(await after(steps), expected);
  });

  itOnEachBackend("forgets at once what it is told to", async (runtime) => {
    let params = { w: tensor([1]) };
    let state = initAdam(params);
    for (const grad of [1e9, 0.01]) {
      const options = { learningRate: 0.1, beta1: 0, beta2: 0, runtime };
      ({ params, state } = await adam(params, { w: tensor([grad]) }, state, options));
    }
    assertClose(params.w.data, [0.8], 1e-6);
    assertClose(state.firstMoment.w.data, [0.01], 1e-8);
    assertClose(state.secondMoment.w.data, [1e-4], 1e-10);
  });

  itOnEachBackend(
    "takes more parameters than a function has room for",
    async (runtime) => {
      const entries = Array.from({ length: 700 }, (_, i) => [`w${i}`, tensor([1, 2, i])]);
      const params = Object.fromEntries(entries) as Record<string, Tensor>;
      const step = await sgd(params, params, initSgd(params), { learningRate: 0.5, runtime });
      assertEquals(step.params.w699.data, new Float32Array([0.5, 1, 349.5]));
    },
    // A graphics card is given them one by one.
    (backend) => backend === "cpu" || backend === "wasm",
  );

  it("lets a constraint be applied to what comes back", async () => {
    const params = { w: tensor([0.05, 1]) };
    const grads = { w: tensor([1, 1]) };
    const step = await adam(params, grads, initAdam(params), { learningRate: 0.1 });
    assertClose(nonNeg()(step.params.w).data, [0, 0.9], 1e-6);
  });

  it("trains stored parameters of gdn back over their bound", async () => {
    const x = tensor([[3, -2]]);
    let params = initGdn(2);
    params.reparamGamma.data.fill(-1);
    let state = initSgd(params);
    for (let i = 0; i < 5; i++) {
      const { vjp } = await gdnVjp(x, params);
      // dy = x: every gamma should grow.
      const { params: grads } = await vjp(x);
      ({ params, state } = await sgd(params, grads, state, { learningRate: 1e3 }));
    }
    assert(params.reparamGamma.data.every((value) => value > -1), `${params.reparamGamma.data}`);
  });

  it("changes nothing that it is given, and leaves empty parameters", async () => {
    const params = { w: tensor([1, 2]), none: tensor(new Float32Array(0), [0, 3]) };
    const grads = { w: tensor([1, 1]), none: tensor(new Float32Array(0), [0, 3]) };
    const state = initAdam(params);
    const before = structuredClone({ params, grads, state });
    const step = await adam(params, grads, state);
    assertEquals({ params, grads, state }, before);
    assertEquals(step.params.none, params.none);
    assertEquals((await sgd(params, grads, initSgd(params))).params.none, params.none);
  });
});

describe("trees of parameters", () => {
  it("may have keys that read alike, and any name", async () => {
    const params = {
      "a.b": tensor([0]),
      a: { b: tensor([0]) },
      "c[0]": tensor([0]),
      c: [tensor([0])],
    };
    const grads = {
      "a.b": tensor([1]),
      a: { b: tensor([2]) },
      "c[0]": tensor([3]),
      c: [tensor([4])],
    };
    const { params: next } = await sgd(params, grads, initSgd(params), { learningRate: 1 });
    const numbers = [next["a.b"], next.a.b, next["c[0]"], next.c[0]].map(({ data }) => data[0]);
    assertEquals(numbers, [-1, -2, -3, -4]);
    await using runtime = await createRuntime({ backend: "wasm" });
    const odd = { runtime: tensor([1]) };
    for (let i = 0; i < 2; i++) {
      const step = await sgd(odd, odd, initSgd(odd), { learningRate: 1, runtime });
      assertEquals(step.params.runtime.data[0], 0);
    }
  });

  it("keep their types from step to step", async () => {
    let list = [tensor([1]), tensor([2])];
    let state = initSgd(list);
    ({ params: list, state } = await sgd(list, list, state, { learningRate: 1 }));
    list.push(tensor([3]));
    let loose: AdamState = initAdam(list);
    ({ params: list, state: loose } = await adam(list, list, loose));
    const train = async <P extends object>(
      params: P,
      gradientsOf: (params: P) => Gradients<P>,
    ): Promise<P> => {
      let state = initSgd(params);
      for (let i = 0; i < 2; i++) {
        ({ params, state } = await sgd(params, gradientsOf(params), state));
      }
      return params;
    };
    const { w } = await train({ w: tensor([1]) }, ({ w }) => ({ w }));
    assertClose(w.data, [0.99 ** 2], 1e-6);
  });

  it("have the types of their gradients", async () => {
    const params = { gdn: initGdn(1), list: [tensor([1])] };
    const grads = { gdn: initGdn(1), list: [{ shape: [1], data: new Float32Array(1) }] };
    await adam(params, grads, initAdam(params));
    await sgd(params, grads, initSgd(params));
    const wrong = [
      // @ts-expect-error a misspelt name
      () => adam(params, { gdm: grads.gdn, list: grads.list }, initAdam(params)),
      // @ts-expect-error a missing gradient
      () => sgd(params, { gdn: grads.gdn }, initSgd(params)),
      // @ts-expect-error no tensor
      () => adam(params, { ...grads, list: [[1]] }, initAdam(params)),
      // @ts-expect-error no tree
      () => sgd(params, 1, initSgd(params)),
      pipeline((ops, state: AdamState) =>
        // @ts-expect-error a misspelt name inside a pipeline
        ops.adam(params, { gdm: grads.gdn, list: grads.list }, state)
      ).bind(null, initAdam(params)),
      pipeline((ops, state: SgdState) =>
        // @ts-expect-error a missing gradient inside a pipeline
        ops.sgd(params, { list: grads.list }, state)
      ).bind(null, initSgd(params)),
    ];
    for (const call of wrong) assertInstanceOf(await call().catch((error) => error), TypeError);
  });
});

describe("optimizers", () => {
  const params = { a: tensor([1]), b: [tensor([1, 2])] };
  const grads = { a: tensor([1]), b: [tensor([1, 2])] };
  const state = initAdam(params);
  const refusals: [
    name: string,
    run: () => Promise<unknown>,
    error: ErrorConstructor,
    message: string,
  ][] = [
    [
      "a missing gradient",
      () => adam(params, { a: grads.a, b: [] }, state),
      TypeError,
      "Cannot step adam: grads.b[0] must have the shape of params.b[0], (2,), got none",
    ],
    [
      "a gradient of another shape",
      () => adam(params, { ...grads, a: tensor([1, 2]) }, state),
      TypeError,
      "Cannot step adam: grads.a must have the shape of params.a, (1,), got (2,)",
    ],
    [
      "a gradient of nothing",
      () => adam(params, { ...grads, c: tensor([1]) } as typeof grads, state),
      TypeError,
      "Cannot step adam: grads must hold what params hold, got grads.c besides",
    ],
    [
      "a parameter that is no tensor",
      () => adam({ a: [1, 2] } as object, grads, state),
      TypeError,
      "Cannot step adam: params.a[0] must be a tensor, got 1",
    ],
    [
      "a state of another optimizer",
      () => adam(params, grads, initSgd(params) as unknown as AdamState),
      TypeError,
      "Cannot step adam: state must have step, firstMoment, secondMoment, got step, velocity",
    ],
    [
      "a state of other parameters",
      () => sgd(params, grads, initSgd({ a: params.a })),
      TypeError,
      "Cannot step sgd: state.velocity.b[0] must have the shape of params.b[0], (2,), got none",
    ],
    [
      "a negative rate",
      () => sgd(params, grads, initSgd(params), { learningRate: -1 }),
      RangeError,
      "Cannot step sgd: learningRate must be a finite number >= 0, got -1",
    ],
    [
      "a momentum that is no number",
      () => sgd(params, grads, initSgd(params), { momentum: "0.9" as unknown as number }),
      RangeError,
      "Cannot step sgd: momentum must be from 0 to below 1, got 0.9",
    ],
    [
      "options that are none",
      () => sgd(params, grads, initSgd(params), null as unknown as SgdOptions),
      TypeError,
      "Cannot step sgd: options must be an object, got null",
    ],
    [
      "a momentum of 1",
      () => sgd(params, grads, initSgd(params), { momentum: 1 }),
      RangeError,
      "Cannot step sgd: momentum must be from 0 to below 1, got 1",
    ],
    [
      "an option that is misspelt",
      () => adam(params, grads, state, { lr: 1 } as AdamOptions),
      TypeError,
      "Cannot step adam: options must have keys among learningRate, beta1, beta2, epsilon, runtime, got lr",
    ],
  ];
  for (const [name, run, error, message] of refusals) {
    it(`refuse ${name}`, async () => await assertRejected(run, error, message));
  }
});
