/**
 * Another `navigator`.
 *
 * @module
 */

/** Runs a task with another `navigator`; Node 20 has none to put back. */
export async function withNavigator<T>(value: unknown, task: () => Promise<T>): Promise<T> {
  const original = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value });
  try {
    return await task();
  } finally {
    if (original === undefined) delete (globalThis as { navigator?: unknown }).navigator;
    else Object.defineProperty(globalThis, "navigator", original);
  }
}
