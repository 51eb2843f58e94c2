import {
  gdn,
  gdnParams,
  gdnVjp,
  groupNorm,
  initGdn,
  initLayerNorm,
  mergeMoments,
  moments,
  pipeline,
  type Tensor,
  tensor,
  writeSafetensors,
} from "../../mod.ts";
import {
  adam,
  constant,
  initAdam,
  initSgd,
  l1,
  l1l2,
  maxNorm,
  nonNeg,
  ones,
  randomNormal,
  zeros,
} from "../../ops/training/mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Keys } from "../../ops/tensor/arguments.ts";
import { assertRejected } from "../support/reject.ts";

// deno-lint-ignore no-explicit-any -- stands for what the types would refuse
type Anything = any;

const x = tensor([[1, 2], [3, 4]]);
const params = { beta: [1, 1], gamma: tensor([[1, 0], [0, 1]]) };

/** Calls that throw, and the text. */
const THROWN: readonly (readonly [call: () => unknown, text: string])[] = [
  [
    () => (ones() as Anything)(2),
    "Cannot initialize: shape must be an array of integers >= 0, got 2",
  ],
  [
    () => ones()([1e6, 1e6]),
    "Cannot initialize: shape must have at most 2147483647 elements, got 1000000000000",
  ],
  [
    () => initLayerNorm(null as Anything),
    "Cannot initialize layerNorm: shape must be an array of integers >= 0, got null",
  ],
  [
    () => gdnParams(null as Anything),
    "Cannot convert gdn variables: variables must be an object, got null",
  ],
  [() => initGdn(4, "x" as Anything), "Cannot initialize gdn: options must be an object, got x"],
  [
    () => initGdn(4, { gamma: 1 } as Anything),
    "Cannot initialize gdn: options must have keys among gammaInit, betaMin, reparamOffset, got gamma",
  ],
  [
    () => initGdn(1e6),
    "Cannot initialize gdn: gamma must have at most 2147483647 elements, got 1000000000000",
  ],
  [
    () => randomNormal({ std: 1 } as Anything),
    "Cannot make an initializer: options must have keys among mean, stddev, seed, got std",
  ],
  [
    () => randomNormal({ seed: Symbol("one") } as Anything),
    "Cannot make an initializer: seed must be a safe integer >= 0, got Symbol(one)",
  ],
  [
    () => (zeros as Anything)({ seed: 1 }),
    "Cannot make an initializer: arguments must be at most 0, got 1",
  ],
  [
    () => (constant as Anything)(1, { seed: 1 }),
    "Cannot make an initializer: arguments must be at most 1, got 2",
  ],
  [
    () => maxNorm({ axes: 1 } as Anything),
    "Cannot make a constraint: options must have keys among max, axis, got axes",
  ],
  [
    () => (nonNeg as Anything)({ axis: 1 }),
    "Cannot make a constraint: arguments must be at most 0, got 1",
  ],
  [
    () => l1l2({ L1: 1 } as Anything),
    "Cannot make a regularizer: factors must have keys among l1, l2, got L1",
  ],
  [
    () => l1({ l1: 1 } as Anything),
    "Cannot make a regularizer: l1 must be a finite number >= 0, got an object of class Object",
  ],
  [
    () => writeSafetensors(new Map([["a", x]]) as Anything),
    "Cannot write safetensors: tensors must be a plain object, got an object of class Map",
  ],
  [
    () => pipeline(() => x, null as Anything),
    "Cannot make a pipeline: options must be an object, got null",
  ],
  [
    () => tensor([1, 2], 2 as Anything),
    "Cannot make a tensor: shape must be an array of integers >= 0, got 2",
  ],
  [
    () => initSgd({ w: x, [Symbol("odd")]: 1 }),
    "Cannot initialize sgd: params must be a tensor, got a key that is Symbol(odd)",
  ],
];

/** Calls that reject, and the text. */
const REJECTED: readonly (readonly [call: () => Promise<unknown>, text: string])[] = [
  [
    () => gdn(x, new Map() as Anything),
    "Cannot apply gdn: params must be a plain object, got an object of class Map",
  ],
  [
    () => gdn(x, params, Object.create({ inverse: true })),
    "Cannot apply gdn: options must be a plain object, got an object of class Object",
  ],
  [
    () => gdn(x, params, { [Symbol("inverse")]: true } as Anything),
    "Cannot apply gdn: options must have no symbols, got Symbol(inverse)",
  ],
  [
    () => (gdn as Anything)(x, params, {}, { inverse: true }),
    "Cannot apply gdn: arguments must be at most 3, got 4",
  ],
  [
    () => gdnVjp(x, { ...params, beta: [1] }),
    "Cannot apply gdnVjp: beta must have shape (2,), got (1,)",
  ],
  [
    () => groupNorm(x, {}, { groups: { valueOf: () => 1 } } as Anything),
    "Cannot apply groupNorm: groups must be an integer >= 1 or -1, got an object of class Object",
  ],
  [
    () => moments(x, new Date() as Anything),
    "Cannot take moments: options must be a plain object, got an object of class Date",
  ],
  [
    async () => {
      const w: Record<string, unknown> = {};
      w.w = w;
      return await adam(w, w as Anything, initAdam({}));
    },
    `Cannot step adam: params${
      ".w".repeat(65)
    } must be a tensor, got more than 64 objects around it`,
  ],
];

describe("arguments", () => {
  for (const [call, text] of THROWN) {
    it(`are refused: ${text}`, () => assertEquals(assertThrows(call, Error).message, text));
  }

  for (const [call, text] of REJECTED) {
    it(`are refused: ${text}`, async () => {
      const error = await call().catch((error) => error);
      assertEquals((error as Error).message, text);
    });
  }

  it("are read once", async () => {
    let reads = 0;
    const options = {
      get inverse() {
        return reads++ > 0;
      },
    };
    const { data } = await gdn(x, params, options);
    assertEquals([reads, data[0] < 1], [1, true]);
  });

  it("that cannot be read are refused with the cause", async () => {
    const cause = new Error("closed");
    const closed = {
      shape: [2, 2],
      get data(): Float32Array {
        throw cause;
      },
    };
    const error = await gdn(closed, params).catch((error) => error);
    assertEquals(
      error.message,
      "Cannot apply gdn: arguments must be readable, got one that throws",
    );
    assertEquals(error.cause, cause);
  });

  it("may have no prototype, and be frozen", async () => {
    const options = Object.freeze(Object.assign(Object.create(null), { inverse: true }));
    assertEquals(await gdn(x, params, options), await gdn(x, params, { inverse: true }));
  });

  it("that map and reduce add are taken", async () => {
    assertEquals([0.5, 1].map(l1).length, 2);
    assertEquals([x, x].map(nonNeg()), [x, x]);
    assertEquals([[2], [1, 1]].map(ones()).map(({ shape }: Tensor) => shape), [[2], [1, 1]]);
    const parts = [await moments(x), await moments(x)];
    assertEquals(parts.reduce(mergeMoments).count, tensor(4));
    await assertRejected(
      () => Promise.resolve([x].map(gdn as Anything)[0]),
      TypeError,
      "Cannot apply gdn: options must be an object, got an object of class Array",
    );
  });
});

describe("keys of options", () => {
  it("are all that a type has, in every member of a union, or do not compile", () => {
    type Options = { readonly a?: number; readonly [name: `${string}_unused`]: unknown } | {
      readonly b: number;
    };
    const complete: Keys<Options> = { a: true, b: true };
    // @ts-expect-error -- b is missing
    const short: Keys<Options> = { a: true };
    // @ts-expect-error -- there is no c
    const long: Keys<Options> = { a: true, b: true, c: true };
    const known = [complete, short, long].map((keys) => Object.keys(keys).length);
    assertEquals(known, [2, 1, 3]);
  });
});
