/**
 * How the threads of a run share out its work. Every group of tasks is cut into parts. Whoever is free
 * takes the next one, and goes on to the next group when all parts of this one are done; so a thread that
 * comes late, or never, only leaves more to the others.
 *
 * @module
 */

/** A group of a plan, in an instance of its module. */
export interface Work {
  readonly run: (base: number, panels: number, start: number, end: number) => void;
  readonly tasks: number;
}

/** Parts of a group for each thread: more than one, so that nobody waits long for a slow one. */
const PARTS = 2;

/** How long nothing may be done while the last parts are waited for, in milliseconds. */
const PATIENCE = 60_000;

/** How often is looked before the waiting thread sleeps. */
const LOOKS = 1000;

/** How long it sleeps, in milliseconds, where it is allowed to. */
const NAP = 1;

/**
 * The counters of a run, all 0: whether a thread has failed; and for each group how many parts have been
 * taken, and how many are done. A run has its own, so that a thread that comes too late finds nothing to do.
 */
export function countersOf(groups: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * (1 + 2 * groups)));
}

/** Into how many parts each group is cut. */
export function partsFor(threads: number): number {
  return PARTS * threads;
}

/**
 * Takes part in a run until it is done. This is the calling thread's side; {@linkcode TAKE_PART} is that
 * of the others.
 *
 * @throws {Error} If another thread failed, or ended with a part that it had taken.
 */
export function takePart(
  groups: readonly Work[],
  counters: Int32Array<SharedArrayBuffer>,
  most: number,
  base: number,
  panels: number,
): void {
  groups.forEach(({ run, tasks }, i) => {
    const next = 1 + 2 * i;
    const done = next + 1;
    const parts = Math.min(tasks, most);
    for (let part = Atomics.add(counters, next, 1); part < parts;) {
      run(base, panels, Math.floor(tasks * part / parts), Math.floor(tasks * (part + 1) / parts));
      if (Atomics.add(counters, done, 1) + 1 === parts) Atomics.notify(counters, done);
      part = Atomics.add(counters, next, 1);
    }
    waitFor(counters, done, parts);
    if (Atomics.load(counters, 0) !== 0) throw new Error("a thread has failed");
  });
}

/** What the other threads do with `groups, counters, most, base, panels`: text, like the rest of them. */
export const TAKE_PART = `
groups.forEach(({ run, tasks }, i) => {
  const next = 1 + 2 * i, done = next + 1, parts = Math.min(tasks, most);
  for (let part; (part = Atomics.add(counters, next, 1)) < parts;) {
    try {
      run(base, panels, Math.floor(tasks * part / parts), Math.floor(tasks * (part + 1) / parts));
    } catch (error) {
      Atomics.store(counters, 0, 1);
      throw error;
    } finally {
      if (Atomics.add(counters, done, 1) + 1 === parts) Atomics.notify(counters, done);
    }
  }
  for (let n; (n = Atomics.load(counters, done)) < parts;) Atomics.wait(counters, done, n);
});
`;

/** Waits until as many parts are done. The main thread of a page must not sleep. */
function waitFor(counters: Int32Array<SharedArrayBuffer>, done: number, parts: number): void {
  let known = -1;
  let since = 0;
  for (let looks = 0;; looks++) {
    const count = Atomics.load(counters, done);
    if (count >= parts) return;
    if (count !== known) {
      known = count;
      since = performance.now();
    }
    if (looks < LOOKS) continue;
    if (mayWait()) Atomics.wait(counters, done, count, NAP);
    if (performance.now() - since > PATIENCE) throw new Error(`no part was done in ${PATIENCE} ms`);
  }
}

let allowed: boolean | undefined;

function mayWait(): boolean {
  if (allowed === undefined) {
    try {
      Atomics.wait(countersOf(0), 0, 1);
      allowed = true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}
