/**
 * Garbage collection at once.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How often a collector is asked before what is still there counts as kept. */
const PATIENCE = 10;

/**
 * Whether something is collected, now or in one of the next turns: a weak reference holds until the turn
 * that made or read it has ended, and some collectors take whatever a stale word of the stack points at
 * for something in use.
 */
export async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < PATIENCE; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    if (reference.deref() === undefined) return true;
  }
  return false;
}

/** Collects what nothing refers to, in V8 or in Bun. */
export function collectGarbage(): void {
  const { Bun: bun } = globalThis as { Bun?: { gc(isSynchronous: boolean): void } };
  if (bun !== undefined) return bun.gc(true);
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
