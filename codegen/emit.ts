/**
 * Whole generated files from specialised kernels; nothing here touches the disk.
 *
 * @module
 */
import type { Format } from "../ops/plan/kernel.ts";
import { expand, type Row, type Variant } from "./manifest.ts";
import type { Pack } from "./pack.ts";
import { TemplateError } from "./problem.ts";
import { specialize } from "./specialize/specialize.ts";
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
  const kernels = specializeAll(parsed, variants, pack);
  const files = Map.groupBy(variants, fileOf);
  const outputs = [...files].map(([path, members]) => ({
    path,
    text: kernelFile(path, members, kernels),
  }));
  return [...outputs, listFile([...files.keys()].sort())].sort((a, b) => a.path < b.path ? -1 : 1);
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

/** The declaration of each variant's kernel by its name. */
function specializeAll(
  templates: ReadonlyMap<string, Template>,
  variants: readonly Variant[],
  pack: Pack,
): Map<string, string> {
  const problems = new Set<string>();
  const texts = new Map<string, string>();
  for (const variant of variants) {
    const template = templates.get(`${variant.template}/${variant.kernel}`)!;
    try {
      texts.set(variant.name, kernelText(template, variant, pack));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      // Variants of one template share its problems.
      for (const line of error.message.split("\n")) problems.add(line);
    }
  }
  if (problems.size > 0) throw new TemplateError([...problems].join("\n"));
  return texts;
}

function fileOf({ template, format }: Variant): string {
  return `generated/${template}_${snake(format)}.ts`;
}

function kernelFile(
  path: string,
  variants: readonly Variant[],
  texts: ReadonlyMap<string, string>,
): string {
  const kernels = variants.map(({ name }) => texts.get(name)!);
  const names = variants.map(({ name }) => `  ${name},\n`).join("");
  return `${header([`codegen/templates/${variants[0].template}.ts`])}
import type { Kernel } from "../ops/plan/kernel.ts";

${kernels.join("\n\n")}

/** Every kernel of this file. */
export const ${listName(path)}: readonly Kernel[] = [
${names}];
`;
}

function kernelText(template: Template, variant: Variant, pack: Pack): string {
  const { source, parameters, constants } = specialize(template, variant);
  const values = Object.entries(variant.holes).map(([hole, value]) => `${hole} = ${value}`);
  const what = [variant.format, ...values, `lanes = ${variant.lanes}`].join(", ");
  const args = parameters.map(({ name, kind }) => `    { name: "${name}", kind: "${kind}" },\n`);
  return `/** ${template.summary} (${what}) */
export const ${variant.name}: Kernel = {
  name: "${variant.name}",
  kernel: "${variant.kernel}",
  format: "${variant.format}",
  lanes: ${variant.lanes},
  holes: ${JSON.stringify(variant.holes)},
  arguments: [
${args.join("")}  ],
  constants: ${JSON.stringify(constants)},
  source: \`${source}\`,
  tree: '${pack({ source, arguments: parameters })}',
};`;
}

/** generated/kernels.ts: what ops, tests and benches choose from. */
function listFile(paths: readonly string[]): Output {
  const imports = paths.map((path) =>
    `import { ${listName(path)} } from "./${path.replace("generated/", "")}";\n`
  );
  const spreads = paths.map((path) => `  ...${listName(path)},\n`);
  return {
    path: "generated/kernels.ts",
    text: `${header([])}
import type { Kernel } from "../ops/plan/kernel.ts";
${imports.join("")}
/** Every kernel. */
export const kernels: readonly Kernel[] = [
${spreads.join("")}];
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
  return `${stem.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}Kernels`;
}

function snake(format: Format): string {
  return format.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
