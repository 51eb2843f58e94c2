/**
 * Serves the playground to this machine.
 *
 * @module
 */
import { ExampleError } from "../shared/command.ts";
import { pageFiles } from "./files.ts";

const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** A server of the playground. */
export interface Playground extends AsyncDisposable {
  readonly address: string;
  /** When it has ended. */
  readonly finished: Promise<void>;
}

/**
 * Bundles the playground and serves it. The page is cross-origin isolated.
 *
 * @param port Where on this machine; 0 is any port that is free.
 */
export async function serve(port: number): Promise<Playground> {
  const files = new Map((await pageFiles()).map((file) => [`/${file.path}`, file]));
  const server = listen(port, ({ url }) => {
    const { pathname } = new URL(url);
    const file = files.get(pathname.replace(/\/$/, "/index.html"));
    if (file === undefined) return new Response("Not found", { status: 404, headers: HEADERS });
    return new Response(file.body, { headers: { ...HEADERS, "content-type": file.type } });
  });
  return {
    address: `http://localhost:${server.addr.port}/`,
    finished: server.finished,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function listen(port: number, handler: (request: Request) => Response) {
  try {
    return Deno.serve({ hostname: "localhost", port, onListen() {} }, handler);
  } catch (error) {
    throw new ExampleError(`Cannot listen on port ${port}: ${(error as Error).message}`);
  }
}
