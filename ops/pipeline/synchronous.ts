/**
 * Functions that are traced, which must not wait for anything.
 *
 * @module
 */

/**
 * Checks what a traced function has returned.
 *
 * @throws {TypeError} If it is a promise, whose own error is then of no interest any more.
 */
export function checkSynchronous(action: string, returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => {});
  throw new TypeError(`Cannot ${action}: fn must be synchronous, got a promise`);
}
