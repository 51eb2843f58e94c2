import config from "../../deno.json" with { type: "json" };
import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ENTRIES } from "./entries.ts";

describe("public modules", () => {
  it("are those of deno.json", async () => {
    assertEquals(Object.keys(ENTRIES), Object.keys(config.exports));
    for (const [name, path] of Object.entries(config.exports)) {
      assertStrictEquals(ENTRIES[name], await import(`../../${path}`), name);
    }
  });
});
