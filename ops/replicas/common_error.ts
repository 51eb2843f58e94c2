/**
 * Errors that all replicas have, or that one has as another has failed or ended. An engine whose
 * replicas can end each other has to know them: none may do so for these before the one whose fault it
 * is has said what is wrong.
 *
 * @module
 */
const common = new WeakSet<object>();

/** Marks an error as one of several replicas. */
export function asCommon<E extends object>(error: E): E {
  common.add(error);
  return error;
}

/** Whether an error is one of several replicas, or was caused by one. */
export function isCommon(error: unknown): boolean {
  // A cause may be its own.
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    if (common.has(at)) return true;
    seen.add(at);
  }
  return false;
}
