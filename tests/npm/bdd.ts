/** What tests use of @std/testing/bdd, from the runtime itself: for networks without JSR. */
export { after, afterEach, before, beforeEach, describe, it } from "node:test";
