/**
 * Errors by class and full text.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

/** Fails unless a call rejects, rather than throws or succeeds, with exactly this error. */
export async function assertRejected(
  call: () => Promise<unknown>,
  type: typeof TypeError | typeof RangeError | typeof Error,
  text: string,
): Promise<void> {
  let pending: Promise<unknown>;
  try {
    pending = call();
  } catch (error) {
    throw new Error(`must reject, threw ${error}`);
  }
  const error = await pending.then((value) => ({ resolved: value }), (error) => error);
  assertEquals([error.constructor?.name, error.message], [type.name, text]);
}
