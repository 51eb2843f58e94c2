import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

const ROOT = new URL("../../", import.meta.url);
const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...await pagesIn("docs/")];
/** A file or a folder of the repository in code style. */
const PATH =
  /^(?:ops|codegen|generated|tests|bench|docs|examples|\.ci)\/(?:[\w./-]+\.(?:ts|md|jsonl?|html|svg)|[\w./-]*\/)?$/;

const texts = new Map<string, string>();
for (const page of PAGES) texts.set(page, await Deno.readTextFile(new URL(page, ROOT)));

describe("the links of the README and of docs/", () => {
  it("lead to files and headings that are there", async () => {
    const broken: string[] = [];
    for (const [page, text] of texts) {
      for (const target of linksOf(text)) {
        if (!await isThere(page, target)) broken.push(`${page}: ${target}`);
      }
    }
    assertEquals(broken, []);
  });

  it("reach every page from the README; a link to a folder reaches its pages", () => {
    const seen = new Set(["README.md"]);
    for (const page of seen) { // grows as it is walked
      for (const target of linksOf(texts.get(page) ?? "")) {
        const path = pathOf(page, target);
        for (const reached of PAGES) {
          if (path === reached || path.endsWith("/") && reached.startsWith(path)) seen.add(reached);
        }
      }
    }
    assertEquals(PAGES.filter((page) => !seen.has(page)), []);
  });
});

describe("the sections of docs/semantics.md", () => {
  it("have a number each, in ascending order", () => {
    const headings = texts.get("docs/semantics.md")!.matchAll(/^##+ (\d+)(?:\.(\d+))?[. ]/gm);
    const numbers = [...headings].map(([, chapter, section = 0]) => [chapter, section].map(Number));
    const ascending = numbers.toSorted(([a, b], [c, d]) => a - c || b - d);
    assertEquals(numbers, ascending);
    assertEquals(new Set(numbers.map(String)).size, numbers.length);
  });
});

describe("paths in code style", () => {
  it("exist", async () => {
    const missing: string[] = [];
    for (const [page, text] of texts) {
      for (const [, path] of withoutFences(text).matchAll(/`([^`\s]+)`/g)) {
        if (PATH.test(path) && !await exists(path)) missing.push(`${page}: ${path}`);
      }
    }
    assertEquals(missing, []);
  });
});

describe("a link", () => {
  it("is found in text and tables, and not in code", () => {
    const text =
      '[a](b.md) and ![c](d.svg)\n| [e](#f) |\n[`l`]: m.md\n`[g](h)`\n```\n[i](j)\n```\n<img src="k.svg">';
    assertEquals(linksOf(text), ["b.md", "d.svg", "#f", "m.md", "k.svg"]);
  });

  it("to a heading has GitHub's name for it", () => {
    const text = "# A `b` of c's\n## 2.1 Forward\n## Same\n## Same\n```\n# no\n```";
    assertEquals([...anchorsOf(text)], ["a-b-of-cs", "21-forward", "same", "same-1"]);
  });
});

async function pagesIn(folder: string): Promise<string[]> {
  const pages: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) pages.push(...await pagesIn(`${folder}${name}/`));
    else if (name.endsWith(".md")) pages.push(`${folder}${name}`);
  }
  return pages.sort();
}

function withoutFences(text: string): string {
  return text.replace(/^\s*(```+|~~~+)[^]*?^\s*\1$/gm, "");
}

/** The targets of a page's links and images within the repository. */
function linksOf(text: string): string[] {
  const prose = withoutFences(text).replace(/`[^`\n]*`/g, "");
  const links = prose.matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"|^\[[^\]]*\]: (\S+)$/gm);
  return [...links].map(([, link, image, reference]) => link ?? image ?? reference)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The names by which GitHub reaches the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutFences(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const name = heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    let anchor = name;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${name}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Where a link of a page leads, from the root, without the heading. */
function pathOf(page: string, target: string): string {
  const { href } = new URL(target, new URL(page, ROOT));
  return href.slice(ROOT.href.length).replace(/#.*/, "");
}

async function isThere(page: string, target: string): Promise<boolean> {
  const path = pathOf(page, target);
  if (!await exists(path)) return false;
  const anchor = /#(.*)/.exec(target)?.[1];
  return anchor === undefined ||
    anchorsOf(await Deno.readTextFile(new URL(path, ROOT))).has(decodeURIComponent(anchor));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(path, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
