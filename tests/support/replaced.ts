/**
 * Properties of the platform's objects, replaced while something runs.
 *
 * @module
 */

/** Runs a task with a property of an object replaced. */
export async function withReplaced<T extends object, K extends keyof T, R>(
  owner: T,
  name: K,
  value: unknown,
  task: () => Promise<R>,
): Promise<R> {
  const original = owner[name];
  owner[name] = value as T[K];
  try {
    return await task();
  } finally {
    owner[name] = original;
  }
}
