/**
 * Wrong calls as data: what is common to the tests of every op's errors.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { after, it } from "@std/testing/bdd";
import { createRuntime, tensor } from "../../mod.ts";
import { assertRejected } from "./reject.ts";

/** Where wrong calls would run, if they did. */
export const runtime = await createRuntime({ backend: "cpu" });
after(() => runtime.dispose());

// deno-lint-ignore no-explicit-any -- stands for what the types would refuse
type Anything = any;

/** A wrong call and the error that it gives. */
export type Wrong = [
  what: string,
  args: Anything[],
  type: typeof TypeError | typeof RangeError,
  text: string,
];

/** An input of two samples, three positions and four channels; and other ones. */
export const x = tensor(new Float32Array(2 * 3 * 4), [2, 3, 4]);
export const flat = tensor(new Float32Array(4));
export const broken = { shape: [2, 4], data: new Float32Array(7) };
export const four = [1, 1, 1, 1];

/** One test for each wrong call: it rejects with the text, and nothing has run. */
export function refuses(
  action: string,
  op: (...args: Anything[]) => Promise<unknown>,
  wrong: Wrong[],
): void {
  for (const [what, args, type, text] of wrong) {
    it(`refuses ${what}`, async () => {
      const before = runtime.stats();
      await assertRejected(() => op(...args), type, `Cannot ${action}: ${text}`);
      assertEquals(runtime.stats(), before);
    });
  }
}

/** What every op says of an x that is no tensor. */
export function wrongTensors(rest: unknown[]): Wrong[] {
  return [
    ["no x", [undefined, ...rest], TypeError, "x must be a tensor of float32 data, got undefined"],
    ["null", [null, ...rest], TypeError, "x must be a tensor of float32 data, got null"],
    [
      "a nested array",
      [[[1, 2]], ...rest],
      TypeError,
      "x must be a tensor of float32 data, got an array; tensor(data, shape) makes one of it",
    ],
    [
      "float64 data",
      [{ shape: [2, 4], data: new Float64Array(8) }, ...rest],
      TypeError,
      "x must be a tensor of float32 data, got float64 data; " +
      "tensor(data, shape) rounds numbers to float32",
    ],
    [
      "data that do not fill the shape",
      [broken, ...rest],
      TypeError,
      "x must have 8 elements for shape (2, 4), got 7",
    ],
  ];
}
