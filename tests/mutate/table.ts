/**
 * What became of mutants, as a table.
 *
 * @module
 */
import type { Verdict } from "./copy.ts";

/** A mutant that has been judged. */
export interface Judged {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly verdict: Verdict;
}

/** The survivors first, then the others, in the order of their places; and a line that counts them. */
export function tableOf(results: readonly Judged[]): string {
  const sorted = [...results].sort((a, b) =>
    Number(b.verdict === "survived") - Number(a.verdict === "survived") ||
    (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line)
  );
  const killed = results.filter(({ verdict }) => verdict !== "survived").length;
  const share = (100 * killed / Math.max(results.length, 1)).toFixed(0);
  return [
    "| Verdict | Where | Mutation |",
    "| --- | --- | --- |",
    ...sorted.map(({ file, line, what, verdict }) =>
      `| ${verdict} | ${file}:${line} | \`${what.replaceAll("|", "\\|")}\` |`
    ),
    "",
    `${killed} of ${results.length} mutants killed (${share} %), ${
      results.length - killed
    } survived`,
  ].join("\n");
}
