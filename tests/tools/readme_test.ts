import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const readme = await Deno.readTextFile(new URL("README.md", ROOT));

describe("an example of the README", () => {
  for (const [i, [, code]] of [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].entries()) {
    const expected = [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) =>
      text
    );

    it(`prints what its comments say (${i + 1}: ${expected.join(", ")})`, async () => {
      assert(expected.length > 0, "an example must print something");
      assertEquals(await outputOf(code), expected);
    });

    it(`imports the package alone (${i + 1})`, () => {
      const imports = [...code.matchAll(/ from "([^"]+)"/g)].map(([, specifier]) => specifier);
      assertEquals(imports.filter((specifier) => fileOf(specifier) === undefined), []);
    });
  }
});

/** What a program prints, line by line. */
async function outputOf(code: string): Promise<string[]> {
  const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
  try {
    const file = `${dir}/example.ts`;
    const local = code.replace(/ from "([^"]+)"/g, (_, name) => ` from "${fileOf(name)}"`);
    await Deno.writeTextFile(file, local);
    const map = fileURLToPath(new URL("tests/npm.import_map.json", ROOT));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "--no-check", `--import-map=${map}`, file],
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The file that an entry of the package is, if it is one. */
function fileOf(specifier: string): string | undefined {
  const entries: Record<string, string> = config.exports;
  const entry = entries[`.${specifier.slice(config.name.length)}`];
  return specifier.startsWith(config.name) && entry !== undefined
    ? new URL(entry, ROOT).href
    : undefined;
}
