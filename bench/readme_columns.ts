/**
 * The columns of the published tables, and which result of a race each of them shows.
 *
 * @module
 */
import { isThreaded } from "./contender.ts";
import type { Race, Result } from "./result.ts";

/** A column of the tables, and which results of a race it shows, by how their names start. */
export interface Column {
  readonly head: string;
  readonly name: string;
}

export const COLUMNS: readonly Column[] = [
  { head: "kernorm", name: "kernorm wasm" },
  { head: "in place", name: "kernorm wasm, in place" },
  { head: "tfjs-wasm", name: "tfjs-wasm" },
  { head: "ort-web", name: "onnxruntime-web" },
  { head: "jax-js", name: "jax-js" },
  { head: "ort-node, 1 thread", name: "onnxruntime-node" },
  { head: "pytorch, 1 thread", name: "pytorch" },
  { head: "plain loop", name: "plain loop" },
  { head: "copy", name: "copy, fresh memory" },
];

/** The columns in which races have something: who could not take part has none. */
export function columnsOf(races: readonly Race[]): readonly Column[] {
  const optional = (head: string) => head.startsWith("jax-js") || head.startsWith("pytorch");
  return COLUMNS.filter(({ head, name }) =>
    !optional(head) || races.some((race) => fastest(race, name) !== undefined)
  );
}

/** The fastest result whose name starts so, with one thread. */
export function fastest({ results }: Race, name: string): Result | undefined {
  const forms = results.filter((result) => isForm(result, name)).sort((a, b) =>
    a.median - b.median
  );
  return forms[0];
}

/** Whether a column shows a contender if it is the fastest of its kind. */
export function isPublished(contender: string): boolean {
  return COLUMNS.some(({ name }) => isForm({ name: contender }, name));
}

function isForm(contender: Pick<Result, "name">, column: string): boolean {
  return contender.name === column ||
    (!column.startsWith("kernorm") && contender.name.startsWith(column) && !isThreaded(contender));
}
