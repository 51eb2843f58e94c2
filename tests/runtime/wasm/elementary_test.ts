import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Module } from "../../../ops/runtime/wasm/compiler/module.ts";
import {
  type Elementary,
  ElementaryFunctions,
} from "../../../ops/runtime/wasm/compiler/elementary.ts";
import { random } from "../../support/random.ts";

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const floats = new Float32Array(memory.buffer);

/** A function of the module on four numbers at a time. */
function compiled(name: Elementary): (a: readonly number[], b?: readonly number[]) => number[] {
  const module = new Module();
  const index = new ElementaryFunctions(module).index(name);
  module.add([], [], (code) => {
    code.integer(32).integer(0).access("v128.load", 0);
    if (name === "pow") code.integer(16).access("v128.load", 0);
    code.call(index).access("v128.store", 0);
  }, "run");
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(module.bytes({ pages: 1, shared: false })),
    { env: { memory } },
  );
  const run = instance.exports.run as () => void;
  return (a, b = a) => {
    floats.set(a, 0);
    floats.set(b, 4);
    run();
    return [...floats.subarray(8, 12)];
  };
}

/** How many float32 numbers lie between two. */
function distance(a: number, b: number): number {
  const order = (value: number) => {
    const bits = new Int32Array(Float32Array.of(value).buffer)[0];
    return bits < 0 ? -(bits & 0x7fffffff) : bits;
  };
  return Object.is(a, b) || a === b ? 0 : Math.abs(order(a) - order(b));
}

function assertNear(name: string, actual: number, expected: number, input: string): void {
  const rounded = Math.fround(expected);
  const same = Number.isNaN(rounded) ? Number.isNaN(actual) : distance(actual, rounded) <= 1;
  assert(same, `${name}(${input}) is ${actual}, must be ${rounded}`);
}

const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  1e-45,
  -1e-45,
  1.17549435e-38,
  3.4028235e38,
  -3.4028235e38,
  88.72283,
  88.72284,
  -103.97,
  -104,
  0.99999994,
  1.0000001,
  Infinity,
  -Infinity,
  NaN,
].map(Math.fround);

describe("elementary functions", () => {
  for (const name of ["exp", "log"] as const) {
    it(`${name} is right to the last place, everywhere`, () => {
      const run = compiled(name);
      const next = random(7);
      const bits = new Uint32Array(1);
      const any = new Float32Array(bits.buffer);
      const draw = () => {
        bits[0] = Math.floor(next() * 2 ** 32);
        // Half of all numbers at all, half of those of ordinary size.
        return next() < 0.5 ? any[0] : Math.fround(next() * 200 - 100);
      };
      const inputs = [...EDGES, ...Array.from({ length: 20000 }, draw)];
      for (let i = 0; i + 4 <= inputs.length; i += 4) {
        const four = inputs.slice(i, i + 4);
        run(four).forEach((value, k) => assertNear(name, value, Math[name](four[k]), `${four[k]}`));
      }
    });
  }

  it("pow is right to the last place, with the exceptions of Math.pow", () => {
    const run = compiled("pow");
    const exponents = [...EDGES, 0.75, 1.5, -2, 3, 5, -0.5, 16777216, 16777215];
    const bases = [...EDGES, 0.1, 3, -3, 10, -0.1, 1e10];
    for (const base of bases.map(Math.fround)) {
      for (let i = 0; i + 4 <= exponents.length; i += 4) {
        const four = exponents.slice(i, i + 4).map(Math.fround);
        run([base, base, base, base], four).forEach((value, k) => {
          assertNear("pow", value, Math.pow(base, four[k]), `${base}, ${four[k]}`);
        });
      }
    }
    const next = random(8);
    for (let i = 0; i < 5000; i++) {
      const a = Array.from({ length: 4 }, () => Math.fround(next() * 1e3));
      const b = Array.from({ length: 4 }, () => Math.fround(next() * 8 - 4));
      run(a, b).forEach((value, k) => {
        assertNear("pow", value, Math.pow(a[k], b[k]), `${a[k]}, ${b[k]}`);
      });
    }
  });

  it("are added to a module once", () => {
    const module = new Module();
    const functions = new ElementaryFunctions(module);
    assertEquals(functions.index("pow"), functions.index("pow"));
    assert(WebAssembly.validate(module.bytes({ pages: 1, shared: false })));
  });
});
