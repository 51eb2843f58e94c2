/**
 * Serves the playground to this machine.
 *
 *     deno task playground [--port=8000]
 *
 * The page's script and its worker are bundled at the start. The page is cross-origin isolated.
 *
 * @module
 */
import { argumentsOf, ExampleError, run } from "../shared/command.ts";

const HERE = new URL(".", import.meta.url);

const USAGE = "Usage: deno task playground [--port=8000]";

const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** What the page consists of: files as they are, and bundles of scripts. */
const FILES: Readonly<Record<string, readonly [source: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/page.js": ["page.ts", "text/javascript; charset=utf-8"],
  "/worker.js": ["worker.ts", "text/javascript; charset=utf-8"],
  "/sample.png": ["../sample.png", "image/png"],
};

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options } = argumentsOf(args, USAGE, { port: 8000 }, 0);
  if (options.port > 65535) throw new ExampleError(USAGE);
  const server = await serve(options.port);
  console.log(`The playground is at ${server.address} (Ctrl+C ends it)`);
  await server.finished;
}

/** A server of the playground. */
export interface Playground extends AsyncDisposable {
  readonly address: string;
  /** When it has ended. */
  readonly finished: Promise<void>;
}

/**
 * Bundles the playground and serves it.
 *
 * @param port Where on this machine; 0 is any port that is free.
 */
export async function serve(port: number): Promise<Playground> {
  const bodies = new Map(
    await Promise.all(
      Object.entries(FILES).map(async ([path, [source]]) =>
        [path, source.endsWith(".ts") ? await bundle(source) : await read(source)] as const
      ),
    ),
  );
  const server = listen(port, ({ url }) => {
    const { pathname } = new URL(url);
    const body = bodies.get(pathname);
    if (body === undefined) return new Response("Not found", { status: 404, headers: HEADERS });
    return new Response(body, { headers: { ...HEADERS, "content-type": FILES[pathname][1] } });
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

function read(source: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(source, HERE));
}

async function bundle(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--no-lock",
      "--platform=browser",
      new URL(source, HERE).pathname,
    ],
    stdout: "piped",
  }).output();
  if (!success) {
    throw new ExampleError(`Cannot bundle ${source}: ${new TextDecoder().decode(stderr)}`);
  }
  return stdout as Uint8Array<ArrayBuffer>;
}
