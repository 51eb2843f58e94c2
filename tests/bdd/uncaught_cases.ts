/**
 * Tests that leave errors behind which nobody catches, as text for a file of their own, and how each
 * must end.
 *
 * @module
 */

/** Tests of which some fail, and the end of the run in which the names of those are. */
export interface Lost {
  readonly body: string;
  /** The tests that fail, by their own names. */
  readonly failed: readonly string[];
  readonly passed: readonly string[];
}

const WAIT = "const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n";
const thrown = (text: string) => `throw new Error("${text}");`;

/** In tests: nothing but the tests themselves fails. */
export const inTests: Lost = {
  body: `${WAIT}
    it("is sound", () => {});
    it("drops a rejection", () => void Promise.reject(new Error("dropped")));
    describe("a suite", () => {
      it("goes on after a rejection", async () => {
        (async () => { await null; ${thrown("dropped")} })();
        await wait(5);
      });
      it("goes on after a timer threw", async () => {
        setTimeout(() => { ${thrown("late")} }, 1);
        await wait(30);
      });
      it("drops one and throws another", () => {
        void Promise.reject(new Error("dropped"));
        ${thrown("own")}
      });
      it("comes after all of these", () => wait(5));
    });`,
  failed: [
    "drops a rejection",
    "goes on after a rejection",
    "goes on after a timer threw",
    "drops one and throws another",
  ],
  passed: ["is sound", "comes after all of these"],
};

/** After tests, or in hooks: the run fails, wherever it is told. */
export const afterTests: readonly string[] = [
  `it("ends early", () => { setTimeout(() => { ${thrown("late")} }, 15); });`,
  `${WAIT}it("ends early", () => { setTimeout(() => Promise.reject(new Error("late")), 2); });
   it("is slow", () => wait(30));`,
  `describe("a suite", () => {
     it("is sound", () => {});
     after(() => void Promise.reject(new Error("dropped")));
   });`,
  `it("is sound", () => {}); after(() => void Promise.reject(new Error("dropped")));`,
  `it("is sound", () => {}); before(() => { ${thrown("hook")} });`,
  `it("is sound", () => {}); after(() => { ${thrown("hook")} });`,
  `it("is sound", () => {}); afterEach(() => void Promise.reject(new Error("dropped")));`,
];

/** What does not fail: errors that somebody catches, if only late. */
export const caughtInTime = `${WAIT}
  it("catches a rejection", () => void Promise.reject(new Error("caught")).catch(() => {}));
  it("catches it in the same turn", async () => {
    const lost = Promise.reject(new Error("caught"));
    await null;
    await lost.catch(() => {});
  });
  it("waits for an error", async () => {
    await Promise.all([wait(1).then(() => { ${thrown("caught")} }).catch(() => {}), wait(5)]);
  });`;
