/**
 * Suites, tests and hooks as tests register them, and the order in which they run: the part of
 * `@std/testing/bdd` that a page and Deno without JSR have in common.
 *
 * @module
 */
import { watched } from "./uncaught.ts";

export type Body = () => void | Promise<void>;
export type Hook = (fn: Body) => void;

/** A suite or a test, and the same left out. */
export interface Block<F> {
  (name: string, fn: F): void;
  skip(name: string, fn: F): void;
}

/** A single test. */
export interface Test {
  readonly name: string;
  /** Missing where the test is skipped. */
  readonly body?: Body;
}

/** Tests, and suites of such. */
export class Suite {
  readonly children: (Suite | Test)[] = [];
  readonly hooks = {
    before: [] as Body[],
    after: [] as Body[],
    beforeEach: [] as Body[],
    afterEach: [] as Body[],
  };

  constructor(readonly name: string, readonly skipped: boolean) {}
}

/** Where tests run and are told of. */
export interface Place {
  /** Runs a test; one without a body is skipped. */
  test(name: string, body: Body | undefined): Promise<void>;
  /** Runs what is in a suite. */
  suite(name: string, inside: (place: Place) => Promise<void>): Promise<void>;
}

/** What test files call. */
export interface Bdd {
  readonly describe: Block<() => void>;
  readonly it: Block<Body>;
  readonly before: Hook;
  readonly after: Hook;
  readonly beforeEach: Hook;
  readonly afterEach: Hook;
}

/**
 * The functions that fill a suite.
 *
 * @param added Is told of each child of that suite itself, once it is filled.
 */
export function registering(root: Suite, added: (child: Suite | Test) => void = () => {}): Bdd {
  let open = root;
  const add = (child: Suite | Test) => {
    open.children.push(child);
    if (open === root) added(child);
  };
  const suite = (name: string, fill: () => void, skipped: boolean) => {
    const around = open;
    const inner = new Suite(name, skipped || around.skipped);
    open = inner;
    try {
      fill();
    } finally {
      open = around;
    }
    add(inner);
  };
  return {
    describe: Object.assign(
      (name: string, fill: () => void) => suite(name, fill, false),
      { skip: (name: string, fill: () => void) => suite(name, fill, true) },
    ),
    it: Object.assign(
      (name: string, body: Body) => add({ name, body }),
      { skip: (name: string) => add({ name }) },
    ),
    before: (fn) => void open.hooks.before.push(watched(fn)),
    after: (fn) => void open.hooks.after.push(watched(fn)),
    beforeEach: (fn) => void open.hooks.beforeEach.push(fn),
    afterEach: (fn) => void open.hooks.afterEach.push(fn),
  };
}

/** Runs what is in a suite, in the order of registration. A hook that fails is a test that fails. */
export async function runSuite(
  { children, hooks, skipped }: Suite,
  around: readonly Suite["hooks"][],
  place: Place,
): Promise<void> {
  const inner = [...around, hooks];
  if (!skipped) await runHooks("before", hooks.before, place);
  for (const child of children) {
    if (child instanceof Suite) {
      await place.suite(child.name, (place) => runSuite(child, inner, place));
    } else await place.test(child.name, skipped ? undefined : bodyOf(child, inner));
  }
  if (!skipped) await runHooks("after", hooks.after, place);
}

/** A test with the hooks around it. */
export function bodyOf({ body }: Test, around: readonly Suite["hooks"][]): Body | undefined {
  return body && watched(async () => {
    for (const { beforeEach } of around) for (const hook of beforeEach) await hook();
    try {
      await body();
    } finally {
      for (const { afterEach } of around.toReversed()) for (const hook of afterEach) await hook();
    }
  });
}

async function runHooks(kind: string, hooks: readonly Body[], place: Place): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook();
    } catch (error) {
      await place.test(kind, () => Promise.reject(error));
    }
  }
}
