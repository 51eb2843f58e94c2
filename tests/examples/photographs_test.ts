import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decode } from "fast-png";
import { PHOTOGRAPHS } from "../../examples/shared/photographs.ts";

const ROOT = new URL("../../", import.meta.url);
const EXAMPLES = new URL("examples/", ROOT);
const MOST_BYTES = 200_000;

const readme = await Deno.readTextFile(new URL("photographs/README.md", EXAMPLES));

describe("the photographs of the examples", () => {
  it("are all listed", async () => {
    const files = ["sample.png"];
    for await (const { name } of Deno.readDir(new URL("photographs/", EXAMPLES))) {
      if (name.endsWith(".png")) files.push(`photographs/${name}`);
    }
    assertEquals(PHOTOGRAPHS.map(({ source }) => source).sort(), files.sort());
  });

  it("are held back in the order in which the docs number them", async () => {
    const docs = await Deno.readTextFile(new URL("docs/examples.md", ROOT));
    const numbered = PHOTOGRAPHS.map(({ name }, i) => `${i + 1} ${name}`).join(", ");
    assert(docs.includes(`held back: ${numbered}]`), numbered);
  });

  for (const { source: file } of PHOTOGRAPHS) {
    it(`${file} is small, and says what it is and whose`, async () => {
      const bytes = await Deno.readFile(new URL(file, EXAMPLES));
      assert(bytes.length <= MOST_BYTES, `${bytes.length} bytes`);
      const { width, height, channels, data, text } = decode(bytes);
      assertEquals([width, height, channels], [320, 240, 1]);
      // A drawing has few grey levels.
      assert(new Set(data).size > 100, `${new Set(data).size} grey levels`);
      const name = file.split("/").at(-1)!;
      const row = readme.split("\n").find((line) => line.startsWith("|") && line.includes(name));
      assert(row !== undefined, `${name} has no row in the README`);
      assert(row.includes(text.Author), row);
      assert(row.includes(text.Title.split(",")[0]), row);
      assert(text.Copyright.includes("CC0"), text.Copyright);
    });
  }
});
