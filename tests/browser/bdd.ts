/**
 * `@std/testing/bdd` in a page: what tests/npm/bdd.ts offers, run by {@linkcode runTests} once all
 * test files have been loaded.
 *
 * @module
 */
type Body = () => void | Promise<void>;
type Hook = (fn: Body) => void;

/** A suite or a test, and the same left out. */
interface Block<F> {
  (name: string, fn: F): void;
  skip(name: string, fn: F): void;
}

/** How one test ended. */
export interface Outcome {
  /** Names of its suites and its own, joined by " > ". */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What it threw. */
  readonly error?: string;
}

interface Test {
  readonly name: string;
  /** Missing where the test is skipped. */
  readonly body?: Body;
}

class Suite {
  readonly children: (Suite | Test)[] = [];
  readonly hooks = {
    before: [] as Body[],
    after: [] as Body[],
    beforeEach: [] as Body[],
    afterEach: [] as Body[],
  };

  constructor(readonly name: string, readonly skipped: boolean) {}
}

const root = new Suite("", false);
let open = root;

function suite(name: string, fill: () => void, skipped: boolean): void {
  const around = open;
  open = new Suite(name, skipped || around.skipped);
  around.children.push(open);
  try {
    fill();
  } finally {
    open = around;
  }
}

export const describe: Block<() => void> = Object.assign(
  (name: string, fill: () => void) => suite(name, fill, false),
  { skip: (name: string, fill: () => void) => suite(name, fill, true) },
);
export const it: Block<Body> = Object.assign(
  (name: string, body: Body) => void open.children.push({ name, body }),
  { skip: (name: string) => void open.children.push({ name }) },
);
export const before: Hook = (fn) => void open.hooks.before.push(fn);
export const after: Hook = (fn) => void open.hooks.after.push(fn);
export const beforeEach: Hook = (fn) => void open.hooks.beforeEach.push(fn);
export const afterEach: Hook = (fn) => void open.hooks.afterEach.push(fn);

/**
 * Runs everything that has been registered, in that order.
 *
 * @param filter Only tests whose full name contains it.
 * @param report Is told of each test as it ends.
 */
export async function runTests(
  filter: string,
  report: (outcome: Outcome) => void | Promise<void>,
): Promise<void> {
  await runSuite(root, [], [], async (name, body) => {
    if (!name.includes(filter)) return;
    await report(
      body === undefined ? { name, status: "skipped" } : { name, ...await outcome(body) },
    );
  });
}

type RunTest = (name: string, body: Body | undefined) => Promise<void>;

async function runSuite(
  { children, hooks, skipped }: Suite,
  path: readonly string[],
  around: readonly Suite["hooks"][],
  run: RunTest,
): Promise<void> {
  const inner = [...around, hooks];
  if (!skipped) await runHook("before", path, hooks.before, run);
  for (const child of children) {
    const names = [...path, child.name];
    if (child instanceof Suite) {
      await runSuite(child, names, inner, run);
      continue;
    }
    const { body } = child;
    const runnable = skipped || body === undefined ? undefined : async () => {
      for (const { beforeEach } of inner) for (const hook of beforeEach) await hook();
      try {
        await body();
      } finally {
        for (const { afterEach } of inner.toReversed()) for (const hook of afterEach) await hook();
      }
    };
    await run(names.join(" > "), runnable);
  }
  if (!skipped) await runHook("after", path, hooks.after, run);
}

/** A hook that fails is a failed test of its own; one that succeeds is nothing. */
async function runHook(
  kind: string,
  path: readonly string[],
  bodies: readonly Body[],
  run: RunTest,
): Promise<void> {
  for (const body of bodies) {
    const { status, error } = await outcome(body);
    if (status === "failed") {
      await run([...path, kind].join(" > "), () => Promise.reject(new Error(error)));
    }
  }
}

async function outcome(body: Body): Promise<Omit<Outcome, "name">> {
  try {
    await body();
    return { status: "passed" };
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    return { status: "failed", error: text };
  }
}
