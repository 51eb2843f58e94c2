/**
 * What the subset reports of templates that are written for a test.
 *
 * @module
 */
import { subsetProblems } from "../../../codegen/subset/subset.ts";
import { parseTemplateFile } from "../../../codegen/template.ts";

/** Bodies that must have exactly one problem, at the given place. */
export type Refused = readonly (readonly [name: string, body: string, problem: string])[];

/** All problems of the first function of a template file, without the path that they begin with. */
export function kernelProblems(text: string): string[] {
  const { templates } = parseTemplateFile("sample", text);
  return subsetProblems(templates[0]).map(withoutPath);
}

/** All problems of a body, whose first line is line 1 and begins in column 1. */
export function bodyProblems(body: string, parameters = "v: Vector, a: number"): string[] {
  const uses = "if (a === v[0] && H) {}";
  const head =
    `declare const H: boolean; export function k(this: Cell<"size">, ${parameters}): number {`;
  // Everything is used at the end, so that only the body is at fault.
  const full = `${head} \n${body}`;
  const problems = kernelProblems(`${full}\n${uses}\nreturn 0;\n}`);
  return problems.map((problem) => problem.replace(/^(\d+)/, (line) => `${Number(line) - 1}`));
}

/** A problem without the path that it begins with. */
export function withoutPath(problem: string): string {
  return problem.replace("codegen/templates/sample.ts:", "");
}
