/**
 * Files of npm packages for pages that are not bundled, such as WebAssembly, from Deno's cache.
 *
 * @module
 */

/** What a page asks for: `/npm/<name>@<version>/<file>`. */
const PATH = /^\/npm\/((?:@[^/]+\/)?[^/@]+@[\w.-]+)\/(.+)$/;

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

const folders = new Map<string, Promise<string>>();

/** A file of a package. */
export interface PackageFile {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly type: string;
}

/**
 * The file that a page's path names. Its package is downloaded first where it is not in the cache.
 *
 * @param path From the page's root.
 * @returns The file; `undefined` if it is no such path.
 * @throws {Error} If there is no such package or file.
 */
export async function packageFile(path: string): Promise<PackageFile | undefined> {
  const [, name, file] = PATH.exec(path) ?? [];
  if (name === undefined) return undefined;
  let folder = folders.get(name);
  if (folder === undefined) {
    folder = folderOf(name);
    folders.set(name, folder);
  }
  const { readable } = await Deno.open(`${await folder}/${file}`);
  return { body: readable, type: TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "text/plain" };
}

/** Where Deno keeps a package. */
async function folderOf(name: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config", "--no-lock", `npm:${name}`],
  }).output();
  if (!success) throw new Error(`Cannot get ${name}: ${new TextDecoder().decode(stderr)}`);
  const { npmPackages }: Info = JSON.parse(new TextDecoder().decode(stdout));
  return npmPackages[name].localPath;
}

/** The part of what `deno info` prints that is used. */
interface Info {
  readonly npmPackages: Readonly<Record<string, { readonly localPath: string }>>;
}
