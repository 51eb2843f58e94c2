/**
 * Whole generated files from specialised kernels: their texts, which gpu.js parses, and apart from
 * these what everything else needs, their syntax trees among it. Nothing here touches the disk.
 *
 * @module
 */
import type { Format } from "../ops/plan/kernel.ts";
import { expand, type Row, type Variant } from "./manifest.ts";
import type { Pack } from "./pack.ts";
import { TemplateError } from "./problem.ts";
import { specialize, type Specialized } from "./specialize/specialize.ts";
import { fileProblems, subsetProblems } from "./subset/subset.ts";
import { parseTemplateFile, type Template } from "./template.ts";

/** A file to be written: path below the repository's root, and content. */
export interface Output {
  readonly path: string;
  readonly text: string;
}

/**
 * Generates every file.
 *
 * @param templates Text of each template file by its stem.
 * @param pack Packs the tree of a kernel's text.
 * @throws {TemplateError} If a template cannot become a kernel, with one line for each problem of
 * all templates.
 * @throws {TypeError} If rows and templates do not fit together.
 */
export function generate(
  templates: ReadonlyMap<string, string>,
  rows: readonly Row[],
  pack: Pack,
): Output[] {
  const parsed = parseAll(templates);
  const variants = expand(rows);
  const used = new Set(variants.map(({ template, kernel }) => `${template}/${kernel}`));
  const unknown = [...used].find((name) => !parsed.has(name));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot generate: a row must name a template function, got ${unknown}`);
  }
  const unused = [...parsed.keys()].find((name) => !used.has(name));
  if (unused !== undefined) {
    throw new TypeError(`Cannot generate: every template function must be in a row, got ${unused}`);
  }
  const kernels = specializeAll(parsed, variants);
  const files = Map.groupBy(variants, fileOf);
  const outputs = [...files].map(([path, members]) => ({
    path,
    text: textFile(path, members, parsed, kernels),
  }));
  const lists = [kernelsFile(variants, kernels, pack), textsFile([...files.keys()].sort())];
  return [...outputs, ...lists].sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Every template function by `<file stem>/<name>`. */
function parseAll(templates: ReadonlyMap<string, string>): Map<string, Template> {
  const files = [...templates].map(([stem, text]) => parseTemplateFile(stem, text));
  const problems = files.flatMap((file) =>
    file.syntaxErrors.length > 0
      ? file.syntaxErrors
      : [...fileProblems(file.file), ...file.templates.flatMap(subsetProblems)]
  );
  if (problems.length > 0) throw new TemplateError(problems.join("\n"));
  const found = files.flatMap((file) => file.templates);
  return new Map(found.map((template) => [`${template.file}/${template.name}`, template]));
}

/** Each variant specialised, by its name. */
function specializeAll(
  templates: ReadonlyMap<string, Template>,
  variants: readonly Variant[],
): Map<string, Specialized> {
  const problems = new Set<string>();
  const kernels = new Map<string, Specialized>();
  for (const variant of variants) {
    const template = templates.get(`${variant.template}/${variant.kernel}`)!;
    try {
      kernels.set(variant.name, specialize(template, variant));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      // Variants of one template share its problems.
      for (const line of error.message.split("\n")) problems.add(line);
    }
  }
  if (problems.size > 0) throw new TemplateError([...problems].join("\n"));
  return kernels;
}

function fileOf({ template, format }: Variant): string {
  return `generated/${template}_${snake(format)}.ts`;
}

/** The texts of one template and format. */
function textFile(
  path: string,
  variants: readonly Variant[],
  templates: ReadonlyMap<string, Template>,
  kernels: ReadonlyMap<string, Specialized>,
): string {
  const texts = variants.map((variant) => {
    const { template, kernel, name, format, lanes } = variant;
    const { summary } = templates.get(`${template}/${kernel}`)!;
    const values = Object.entries(variant.holes).map(([hole, value]) => `${hole} = ${value}`);
    const what = [format, ...values, `lanes = ${lanes}`].join(", ");
    return `/** ${summary} (${what}) */
export const ${name} = \`${kernels.get(name)!.source}\`;
`;
  });
  return `${header([`codegen/templates/${variants[0].template}.ts`])}
${texts.join("\n")}
/** Every text of this file by its kernel's name. */
export const ${listName(path)}: Readonly<Record<string, string>> = {
${variants.map(({ name }) => `  ${name},\n`).join("")}};
`;
}

/** generated/texts.ts: what gpu.js is given. */
function textsFile(paths: readonly string[]): Output {
  const imports = paths.map((path) =>
    `import { ${listName(path)} } from "./${path.replace("generated/", "")}";\n`
  );
  const spreads = paths.map((path) => `  ...${listName(path)},\n`);
  return {
    path: "generated/texts.ts",
    text: `${header([])}
${imports.join("")}
/** The text of every kernel by its name. */
export const texts: Readonly<Record<string, string>> = {
${spreads.join("")}};
`,
  };
}

/** generated/kernels.ts: what ops, tests and benches choose from, and our own compilers read. */
function kernelsFile(
  variants: readonly Variant[],
  kernels: ReadonlyMap<string, Specialized>,
  pack: Pack,
): Output {
  const entries = variants.map(({ name, kernel, format, lanes, holes }) => {
    const { source, parameters, constants } = kernels.get(name)!;
    const args = parameters.map(({ name, kind }) => `{ name: "${name}", kind: "${kind}" }`);
    // Only gpu.js runs kernels of several lanes.
    const tree = lanes > 1 ? "" : `    tree: '${pack({ source, arguments: parameters })}',\n`;
    return `  {
    kernel: "${kernel}",
    format: "${format}",
    lanes: ${lanes},
    holes: ${JSON.stringify(holes)},
    arguments: [${args.join(", ")}],
    constants: ${JSON.stringify(constants)},
${tree}  },
`;
  });
  return {
    path: "generated/kernels.ts",
    text: `${header([])}
import type { Kernel } from "../ops/plan/kernel.ts";
import { named } from "../ops/plan/kernel_name.ts";

/** Every kernel. */
export const kernels: readonly Kernel[] = named([
${entries.join("")}]);
`,
  };
}

function header(templates: readonly string[]): string {
  const sources = templates.map((path) => `//   template: ${path}\n`).join("");
  return `// Generated by \`deno task generate\`. Do not edit.
${sources}//   rows:     codegen/variants.ts
`;
}

function listName(path: string): string {
  const stem = path.replace(/^generated\/|\.ts$/g, "");
  return `${stem.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}Texts`;
}

function snake(format: Format): string {
  return format.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
