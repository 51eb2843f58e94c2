import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pageFiles } from "../../../examples/playground/files.ts";

describe("the playground's scripts", () => {
  it("are bundled one after the other: two that fetch esbuild at once fail", async () => {
    const steps: string[] = [];
    await pageFiles(async (source) => {
      steps.push(`begin ${source}`);
      await new Promise((resolve) => setTimeout(resolve));
      steps.push(`end ${source}`);
      return new Uint8Array();
    });
    const sources = ["page.ts", "worker.ts", "codec/page.ts", "codec/worker.ts"];
    assertEquals(steps, sources.flatMap((source) => [`begin ${source}`, `end ${source}`]));
  });
});
