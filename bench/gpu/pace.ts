/**
 * How long something on a GPU takes: many calls are handed over, and the last is waited for.
 *
 * @module
 */

/** What can be timed. */
export interface Timed {
  /** Hands one call to the device, or runs it. */
  call(): Promise<void> | void;
  /** Waits until all that was handed over is done. */
  finish(): Promise<void>;
}

/** A batch that is shorter would measure the wait at its end. */
const BATCH_MS = 50;
/** More calls than this are never in one batch. */
const MOST_CALLS = 10_000;
/** The first guess is a cold one, so it grows by no more than this at a time. */
const GROWTH = 10;

/** Milliseconds of a call, as one of so many. */
export async function batch(timed: Timed, calls: number): Promise<number> {
  const start = performance.now();
  for (let call = 0; call < calls; call++) await timed.call();
  await timed.finish();
  return (performance.now() - start) / calls;
}

/** How many calls make a batch, and what it takes. What takes longer by itself is called once. */
export async function paceOf(timed: Timed): Promise<{ calls: number; whole: number }> {
  let calls = 1;
  for (;;) {
    const whole = calls * await batch(timed, calls);
    if (whole >= BATCH_MS || calls === MOST_CALLS) return { calls, whole };
    calls = nextCalls(calls, whole, BATCH_MS);
  }
}

/** The next guess, from what so many calls took. */
export function nextCalls(calls: number, whole: number, least: number): number {
  const factor = Math.min(GROWTH, 1.1 * least / Math.max(whole, 1e-3));
  return Math.min(MOST_CALLS, Math.max(calls + 1, Math.ceil(calls * factor)));
}
