/**
 * Wrong conversions as data.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";

// deno-lint-ignore no-explicit-any -- stands for what the types would refuse
export type Anything = any;

export type Wrong = [
  what: string,
  args: Anything[],
  type: typeof TypeError | typeof RangeError,
  text: string,
];

/** One test for each wrong call: it throws with the text. */
export function refuses(
  action: string,
  convert: (...args: Anything[]) => unknown,
  wrong: Wrong[],
): void {
  for (const [what, args, type, text] of wrong) {
    it(`refuses ${what}`, () => {
      const { message } = assertThrows(() => convert(...args), type);
      assertEquals(message, `Cannot ${action}: ${text}`);
    });
  }
}
