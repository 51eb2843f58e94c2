/**
 * Suites that run in a browser, with a page of the playground for each test.
 *
 * @module
 */
/// <reference lib="dom" />
import { createRuntime, type Runtime } from "../../../mod.ts";
import { assertEquals } from "@std/assert";
import { after, afterEach, before, beforeEach, describe } from "@std/testing/bdd";
import type { Browser, Page } from "playwright-core";
import { type Playground, serve } from "../../../examples/playground/server.ts";
import { absent, launch } from "./chromium.ts";
import { PlaygroundPage } from "./user.ts";

/** The settings that tests begin with: a race of GDN takes many times as long. */
export const QUICK = "#op=groupNorm";

/** What a test has. */
export interface Session {
  readonly user: PlaygroundPage;
  readonly page: Page;
  /** On cpu. */
  readonly runtime: Runtime;
  readonly server: Playground;
  readonly browser: Browser;
}

/**
 * A suite whose tests each begin on a page of their own, and on which nothing may complain. Without a
 * browser it is skipped, and its name says why.
 *
 * @param tests Registers the tests; what it is given is filled as they begin.
 */
export function inBrowser(name: string, tests: (session: Session) => void): void {
  const suite = absent === "" ? describe : describe.skip;
  suite(`${name}${absent}`, () => {
    const session = {} as { -readonly [K in keyof Session]: Session[K] };
    before(async () => {
      [session.server, session.browser, session.runtime] = await Promise.all([
        serve(0),
        launch(),
        createRuntime({ backend: "cpu" }),
      ]);
    });
    after(async () => {
      const { browser, server, runtime } = session;
      await Promise.all([browser.close(), server[Symbol.asyncDispose](), runtime.dispose()]);
    });
    beforeEach(async () => {
      session.user = await PlaygroundPage.open(
        session.browser,
        session.server.address + QUICK,
      );
      session.page = session.user.page;
    });
    afterEach(async () => {
      await session.page.close();
      assertEquals(session.user.complaints, []);
    });
    tests(session);
  });
}
