/**
 * A worker's requests, of which only the newest counts.
 *
 * @module
 */
/// <reference lib="dom" />

/** Answers a request; where `isNewest` has become false, nobody waits for the answer any more. */
export type Answer<R> = (request: R, isNewest: () => boolean) => Promise<void>;

/**
 * Answers the page's messages one after the other. Of those that arrive meanwhile, the newest is next, and
 * the others are passed over.
 */
export function answerNewest<R>(answer: Answer<R>): void {
  let newest: R;
  let isWorking = false;

  async function work(): Promise<void> {
    isWorking = true;
    let done: R;
    do {
      done = newest;
      await answer(done, () => newest === done);
    } while (done !== newest);
    isWorking = false;
  }

  addEventListener("message", ({ data }: MessageEvent<R>) => {
    newest = data;
    if (!isWorking) work();
  });
}
