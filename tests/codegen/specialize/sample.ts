/**
 * Kernels of texts that tests write, specialised.
 *
 * @module
 */
import type { Variant } from "../../../codegen/manifest.ts";
import { specialize } from "../../../codegen/specialize/specialize.ts";
import { parseTemplateFile } from "../../../codegen/template.ts";

/** Values of a variant of the function `k`; a flat kernel of one lane without holes by default. */
export type Values = Partial<Pick<Variant, "format" | "lanes" | "holes">>;

/** The text of the specialised kernel. */
export function specialized(text: string, values: Values = {}): string {
  const { templates } = parseTemplateFile("sample", text);
  const rest = { format: "flat", lanes: 1, holes: {} } as const;
  return specialize(templates[0], {
    template: "sample",
    kernel: "k",
    name: "k",
    ...rest,
    ...values,
  }).source;
}

/** The lines of the specialised body of a kernel, unindented once. */
export function body(
  parameters: string,
  statements: string,
  values: Values = {},
  holes = "",
): string[] {
  const text = `${holes}\nexport function k(${
    ["this: Cell<never>", parameters].join(", ")
  }): number {
${statements}
}`;
  return specialized(text, values).split("\n").slice(1, -1).map((line) => line.slice(2));
}

/** What a flat kernel's text computes for one cell, by running it as JavaScript. */
export function evaluate(source: string, x: number, ...args: unknown[]): unknown {
  const run = new Function(`return (${source});`)();
  return run.call({ thread: { x, y: 0, z: 0 }, constants: { size: 3 } }, ...args);
}
