/**
 * A JSR registry of one package on this machine: takes what `deno publish` sends, and serves it as
 * JSR does.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { succeed } from "./command.ts";
import { dependenciesOf } from "./module_graph.ts";
import { readTar } from "./tar.ts";

const ROOT = new URL("../../", import.meta.url);
const { name, version, exports } = config;

/** A registry that has the package. */
export interface Registry extends AsyncDisposable {
  /** For the variable `JSR_URL`. */
  readonly url: string;
  /** The published files by their paths in the package, which begin with a slash. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Starts a registry and publishes the package in it. */
export async function openRegistry(): Promise<Registry> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const pages = new Map<string, Uint8Array<ArrayBuffer>>();
  const server = Deno.serve({ port: 0, hostname: "localhost", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/api/")) {
      return await answerPublisher(request, pathname, async (archive) => {
        for (const [path, bytes] of await readTar(archive)) files.set(`/${path}`, bytes);
        for (const [path, bytes] of await servedPages(files)) pages.set(path, bytes);
      });
    }
    const page = pages.get(pathname);
    return page === undefined
      ? new Response("not found", { status: 404 })
      : new Response(page, { headers: { "content-type": contentType(pathname) } });
  });
  const url = `http://localhost:${server.addr.port}/`;
  // `deno task verify` has checked the types of what is published.
  const publish = ["publish", "--no-check", "--allow-dirty", "--no-provenance", "--token=local"];
  try {
    await succeed(ROOT, [Deno.execPath(), ...publish], { JSR_URL: url });
  } catch (error) {
    await server.shutdown();
    throw error;
  }
  return { url, files, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** The part of JSR's interface that `deno publish` asks. */
async function answerPublisher(
  request: Request,
  pathname: string,
  publish: (archive: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<Response> {
  const versioned = pathname.endsWith(`/versions/${version}`);
  if (!versioned) return Response.json({});
  if (request.method !== "POST") {
    return Response.json({ code: "packageVersionNotFound", message: "" }, { status: 404 });
  }
  await publish(await request.bytes());
  const now = new Date().toISOString();
  return Response.json({ id: "1", status: "success", error: null, createdAt: now, updatedAt: now });
}

/** Everything that the registry serves, by its path. */
async function servedPages(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const [scope, title] = name.slice(1).split("/");
  const pages = new Map<string, Uint8Array<ArrayBuffer>>();
  const manifest: Record<string, { size: number; checksum: string }> = {};
  const moduleGraph2: Record<string, unknown> = {};
  for (const [path, bytes] of files) {
    pages.set(`/${name}/${version}${path}`, bytes);
    manifest[path] = { size: bytes.length, checksum: `sha256-${await sha256(bytes)}` };
    if (path.endsWith(".ts")) {
      const dependencies = dependenciesOf(new TextDecoder().decode(bytes));
      moduleGraph2[path] = dependencies.length === 0 ? {} : { dependencies };
    }
  }
  const versions = { [version]: { createdAt: new Date(0).toISOString() } };
  pages.set(`/${name}/meta.json`, asJson({ scope, name: title, latest: version, versions }));
  pages.set(`/${name}/${version}_meta.json`, asJson({ manifest, moduleGraph2, exports }));
  return pages;
}

function asJson(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function contentType(path: string): string {
  if (path.endsWith(".json")) return "application/json";
  return path.endsWith(".ts") ? "text/typescript" : "text/plain";
}
