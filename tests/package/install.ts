/**
 * Installs the package from its npm form, as `npx jsr add` does: under its own name, whatever JSR's
 * npm registry calls it.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { buildPackage } from "./build.ts";
import { succeed } from "./command.ts";

const CONSUMER = new URL("consumer/", import.meta.url);

/** The programs that use the package; they lie in the folder `consumer` where it is installed. */
export const PROGRAMS = ["values.ts", "types.ts", "misuse.ts", "disposal.ts"];

/**
 * Makes a folder a project that has the package, the tools and the programs.
 *
 * @param dir An empty folder.
 * @param tools Version or place of each npm package besides.
 */
export async function installPackage(
  dir: string,
  tools: Readonly<Record<string, string>>,
): Promise<void> {
  console.error("building the package ...");
  await buildPackage(`${dir}/package`);
  const packed = await succeed(dir, ["npm", "pack", "./package", "--loglevel=error"]);
  const manifest = {
    type: "module",
    imports: { "#tests/*": "./tests/*" },
    dependencies: { ...tools, [config.name]: `file:${packed.trim()}` },
  };
  await Deno.writeTextFile(`${dir}/package.json`, JSON.stringify(manifest, null, 2));
  console.error("installing it ...");
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await succeed(dir, ["npm", "install", ...quiet]);
  await copyPrograms(`${dir}/consumer`);
}

/** Copies the programs into a folder, with other specifiers for the package if need be. */
export async function copyPrograms(
  to: string,
  rewritten: (source: string) => string = (source) => source,
): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const program of PROGRAMS) {
    const source = await Deno.readTextFile(new URL(program, CONSUMER));
    await Deno.writeTextFile(`${to}/${program}`, rewritten(source));
  }
}
