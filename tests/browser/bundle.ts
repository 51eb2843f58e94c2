/**
 * Modules as one script for a page.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
const HERE = new URL(".", import.meta.url);

/**
 * Bundles test files so that the page's globals get what tests/browser/page.ts offers.
 *
 * @param files Paths of test files, from the working directory.
 * @param minify Whether names and spaces are made as short as they can be.
 */
export async function bundleTests(
  files: readonly string[],
  minify: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const here = `file://${Deno.cwd()}/`;
  const loaders = files.map((file) =>
    `${JSON.stringify(file)}: () => import(${JSON.stringify(new URL(file, here).pathname)}),`
  );
  const page = JSON.stringify(new URL("page.ts", HERE).pathname);
  return await bundle(
    `import { offer } from ${page};\noffer({\n${loaders.join("\n")}\n});\n`,
    minify,
  );
}

/** Bundles a module, given as text, with all that it imports, for a browser. */
export async function bundle(source: string, minify: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
  try {
    await runBundler(source, dir, [
      ...minify ? ["--minify"] : [],
      `--output=${dir}/bundle.js`,
    ]);
    return await Deno.readFile(`${dir}/bundle.js`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/**
 * Bundles a module, given as text, minified and in chunks, which a page loads as it needs them.
 *
 * @param to Folder of the chunks, of which `entry.js` is the first to be loaded.
 */
export async function bundleInChunks(source: string, to: string): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
  try {
    await runBundler(source, dir, ["--minify", "--code-splitting", `--outdir=${to}`]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Bundles a module, given as text, that is put into a folder. */
async function runBundler(source: string, dir: string, output: readonly string[]): Promise<void> {
  await Deno.writeTextFile(`${dir}/entry.ts`, source);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--no-lock",
      "--platform=browser",
      `--import-map=${fileURLToPath(new URL("import_map.json", HERE))}`,
      ...output,
      `${dir}/entry.ts`,
    ],
  }).output();
  if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
}
