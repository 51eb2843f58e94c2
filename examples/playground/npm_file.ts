/**
 * Files of npm packages, as they are.
 *
 * @module
 */
import { ExampleError } from "../shared/command.ts";

/**
 * Reads a file of a package, which Deno downloads unless it has it.
 *
 * @param specifier Package, version and path: `npm:@scope/name@1.2.3/path/in/it`.
 * @throws {ExampleError} If Deno cannot get the package.
 */
export async function readNpmFile(specifier: string): Promise<Uint8Array<ArrayBuffer>> {
  const [, name, version, path] = /^npm:(@?[^@]+)@([^/]+)\/(.+)$/.exec(specifier)!;
  const packageSpecifier = `npm:${name}@${version}`;
  await deno("cache", "--no-lock", packageSpecifier);
  const info = await deno("info", "--no-lock", "--json", packageSpecifier);
  const packages: { name: string; version: string; localPath: string }[] = Object.values(
    JSON.parse(info).npmPackages,
  );
  const found = packages.find((one) => one.name === name && one.version === version);
  if (found === undefined) throw new ExampleError(`Cannot find ${packageSpecifier}`);
  return await Deno.readFile(`${found.localPath}/${path}`);
}

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [args[0], "--quiet", ...args.slice(1)],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new ExampleError(`Cannot load ${args.at(-1)}: ${text(stderr)}`);
  return text(stdout);
}
