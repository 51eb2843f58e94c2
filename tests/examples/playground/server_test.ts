/**
 * How the playground is served.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import config from "../../../deno.json" with { type: "json" };
import { type Playground, serve } from "../../../examples/playground/server.ts";

describe("the playground's server", () => {
  let server: Playground;

  before(async () => {
    server = await serve(0);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  it("serves its files and nothing else", async () => {
    for (const [path, status] of [["", 200], ["worker.js", 200], ["server.ts", 404]] as const) {
      const response = await fetch(server.address + path);
      await response.body?.cancel();
      assertEquals(response.status, status);
      assertEquals(response.headers.get("cross-origin-opener-policy"), "same-origin");
      assertEquals(response.headers.get("cross-origin-embedder-policy"), "require-corp");
    }
  });

  it("is served by a command, which says what it cannot do", async () => {
    const usage =
      "Usage: deno task playground [--port=8000]\n       deno task playground build [folder]\n";
    for (const args of [["--fast"], ["--port=65536"], ["make"], ["build", "--port=1"]]) {
      assertEquals(await command(...args), usage);
    }
    const { port } = new URL(server.address);
    const taken = await command(`--port=${port}`);
    assert(taken.startsWith(`Cannot listen on port ${port}: `), taken);
  });
});

/** What the command says as it fails, with the permissions of its task. */
async function command(...given: readonly string[]): Promise<string> {
  const [, ...args] = config.tasks.playground.split(" ");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args.toSpliced(1, 0, "--no-lock"), ...given],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 1);
  return new TextDecoder().decode(stderr);
}
