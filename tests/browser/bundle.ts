/**
 * Test files as one script for a page.
 *
 * @module
 */
const HERE = new URL(".", import.meta.url);

/**
 * Bundles files so that the page's globals get what tests/browser/page.ts offers.
 *
 * @param files Paths of test files, from the working directory.
 */
export async function bundle(files: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
  try {
    const loaders = files.map((file) =>
      `${JSON.stringify(file)}: () => import(${JSON.stringify(`${Deno.cwd()}/${file}`)}),`
    );
    await Deno.writeTextFile(
      `${dir}/entry.ts`,
      `import { offer } from ${JSON.stringify(new URL("page.ts", HERE).pathname)};
offer({
${loaders.join("\n")}
});
`,
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--no-lock",
        "--platform=browser",
        `--import-map=${new URL("import_map.json", HERE).pathname}`,
        `--output=${dir}/bundle.js`,
        `${dir}/entry.ts`,
      ],
    }).output();
    if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
    return await Deno.readFile(`${dir}/bundle.js`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
