import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { retriedOnLoss } from "../../../ops/runtime/gpu/loss.ts";

/** Sessions are numbers; those below `alive` are lost. */
function poolOf(alive: number) {
  return {
    current: () => 0,
    isLost: (session: number) => Promise.resolve(session < alive),
    renew: (lost: number) => Promise.resolve(lost + 1),
  };
}

/** A run that fails on the sessions below `alive`, and notes all that it is given. */
function runUntil(alive: number) {
  const given: number[] = [];
  const run = (session: number) => {
    given.push(session);
    return session < alive
      ? Promise.reject(new Error(`fails on ${session}`))
      : Promise.resolve(`ran on ${session}`);
  };
  return { given, run };
}

describe("a run", () => {
  it("that succeeds is not repeated, even if its session is lost by then", async () => {
    const { given, run } = runUntil(0);
    assertEquals(await retriedOnLoss(poolOf(1), run), "ran on 0");
    assertEquals(given, [0]);
  });

  it("that loses its session is repeated on the next one", async () => {
    const { given, run } = runUntil(1);
    assertEquals(await retriedOnLoss(poolOf(1), run), "ran on 1");
    assertEquals(given, [0, 1]);
  });

  it("that fails on a session that lives is not repeated", async () => {
    const { given, run } = runUntil(1);
    await assertRejects(() => retriedOnLoss(poolOf(0), run), Error, "fails on 0");
    assertEquals(given, [0]);
  });

  it("is repeated once only", async () => {
    const { given, run } = runUntil(2);
    await assertRejects(() => retriedOnLoss(poolOf(2), run), Error, "fails on 1");
    assertEquals(given, [0, 1]);
  });
});
