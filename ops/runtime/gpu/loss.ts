/**
 * What happens to a run whose device or context is lost.
 *
 * @module
 */

/** The device or context that an executor uses until it is lost. */
export interface SessionPool<S> {
  current(): S | Promise<S>;
  /** Whether a session is lost; it may wait a moment, as a loss can be reported late. */
  isLost(session: S): boolean | Promise<boolean>;
  /** The session after a lost one; runs that lose the same one get the same one. */
  renew(lost: S): S | Promise<S>;
}

/**
 * Runs on the current session and, if that is lost meanwhile, once more on the next one. Ops are
 * pure, so a run can be repeated, but its inputs have to be copied before: the caller may overwrite
 * them while it is pending.
 */
export async function retriedOnLoss<S, T>(
  pool: SessionPool<S>,
  run: (session: S) => Promise<T>,
): Promise<T> {
  // At once where there is one: what the run reads may change before a next moment.
  const current = pool.current();
  const session = current instanceof Promise ? await current : current;
  try {
    return await run(session);
  } catch (error) {
    if (!await pool.isLost(session)) throw error;
    return await run(await pool.renew(session));
  }
}
