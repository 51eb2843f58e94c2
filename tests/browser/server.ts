/**
 * Serves one bundle, a page that loads it and files of npm packages, cross-origin isolated so that the
 * page may have shared memory.
 *
 * @module
 */
import { packageFile } from "./packages.ts";

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const ROOT = new URL("../../", import.meta.url);

/** Numbers that tests read, by their paths in the repository. */
const DATA = /^\/tests\/golden\/data\/\w+\.safetensors$/;

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>kernorm</title>
<link rel="icon" href="data:,">
<script type="module" src="/bundle.js"></script>
`;

/** A server on a free port of this machine. */
export interface TestServer extends AsyncDisposable {
  readonly address: string;
}

/** Serves a bundle until the server is disposed. */
export function serve(bundle: Uint8Array<ArrayBuffer>): TestServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { body, type } = await answer(new URL(request.url).pathname, bundle);
    return new Response(body, { headers: { ...ISOLATION, "content-type": type } });
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function answer(path: string, bundle: Uint8Array<ArrayBuffer>) {
  if (path === "/bundle.js") return { body: bundle, type: "text/javascript" };
  if (DATA.test(path)) {
    const body = await Deno.readFile(new URL(path.slice(1), ROOT));
    return { body, type: "application/octet-stream" };
  }
  return await packageFile(path) ?? { body: PAGE, type: "text/html" };
}
