/**
 * Arguments that no function expects, and how each must be refused.
 *
 * @module
 */

class Instance {
  odd = 1;
}

function cyclic(): object {
  const node: Record<string, unknown> = {};
  node.self = node;
  return node;
}

function cyclicList(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

function throwing(): never {
  throw new Error("a trap");
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const TRAPS = {
  get: throwing,
  has: throwing,
  ownKeys: throwing,
  getPrototypeOf: throwing,
  getOwnPropertyDescriptor: throwing,
};

/** Values of every kind, by what they are. Each is made for one call. */
export const HOSTILE: Readonly<Record<string, () => unknown>> = {
  "undefined": () => undefined,
  "null": () => null,
  "a boolean": () => true,
  "a number": () => 3,
  "a fraction": () => -1.5,
  "NaN": () => NaN,
  "a huge number": () => 2 ** 52,
  "a number object": () => new Number(3),
  "a string": () => "text",
  "a bigint": () => 3n,
  "a symbol": () => Symbol("odd"),
  "a function": () => () => 1,
  "an array": () => [],
  "a nested array": () => [[1, [2]], 3],
  "a sparse array": () => new Array(1000),
  "a cyclic array": cyclicList,
  "a typed array": () => new Float64Array(2),
  "big integers": () => new BigInt64Array(2),
  "a buffer": () => new ArrayBuffer(8),
  "a Map": () => new Map([["odd", 1]]),
  "a Set": () => new Set([1]),
  "a Date": () => new Date(0),
  "an expression": () => /odd/,
  "a promise": () => Promise.resolve(1),
  "an instance": () => new Instance(),
  "an unknown key": () => ({ odd: 1 }),
  "no prototype": () => Object.assign(Object.create(null), { odd: 1 }),
  "a cyclic object": cyclic,
  "a getter that throws": () => ({
    get odd() {
      return throwing();
    },
  }),
  "a text that throws": () => ({ toString: throwing, [Symbol.toPrimitive]: throwing }),
  "a proxy that throws": () => new Proxy({}, TRAPS),
  "a list whose proxy throws": () => new Proxy([1, 2], TRAPS),
  "a proxy of numbers": () => new Proxy(new Float32Array(2), {}),
  "a revoked proxy": revoked,
};

/** The same record in forms that are no plain objects, and with more than it may have. */
export const SPOILT: Readonly<Record<string, (record: object) => unknown>> = {
  "with an unknown key": (record) => ({ ...record, odd: 1 }),
  "with a key of Object's": (record) => ({ ...record, ["__proto__"]: 1, toString: 1 }),
  "with a symbol": (record) => ({ ...record, [Symbol("odd")]: 1 }),
  "as an instance": (record) => Object.assign(new Instance(), record),
  "as a Map": (record) => new Map(Object.entries(record)),
  "as a prototype": (record) => Object.create(record),
  "as an array": (record) => Object.assign([], record),
};

/** The same argument in forms that mean the same. */
export const SAME: Readonly<Record<string, (argument: object) => unknown>> = {
  "frozen": frozen,
  "without a prototype": (record) => Object.assign(Object.create(null), record),
  "behind a proxy": (record) => new Proxy(record, {}),
  "with getters": (record) => {
    const getters = Object.entries(record).map(([key, value]) =>
      [key, { get: () => value, enumerable: true }] as const
    );
    return Object.defineProperties({}, Object.fromEntries(getters));
  },
};

function frozen(record: object): object {
  return Object.freeze({ ...record });
}

/** An error of ours: its class, and that it names what was to be done and what must be how. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error &&
    (error.constructor === TypeError || error.constructor === RangeError) &&
    /^Cannot [a-z][^:]*: [^]+ must [^]+, got [^]+$/i.test(error.message);
}
