/**
 * Replicas: a row for each function.
 *
 * @module
 */
import { allMergeMoments, allReduceTree, runReplicas } from "../../../mod.ts";
import { type Family, NONE, type Rows } from "./row.ts";
import { alone, summary, variables } from "./values.ts";

const exports: Rows = {
  allMergeMoments: {
    call: allMergeMoments,
    calls: [() => [alone(), summary()]],
    kinds: ["other", "record"],
    takes: [NONE, NONE],
  },
  allReduceTree: {
    call: allReduceTree,
    calls: [() => [alone(), variables()]],
    kinds: ["other", "tree"],
    takes: [NONE, ["an array"]],
  },
  runReplicas: {
    call: runReplicas,
    calls: [() => [2, ({ rank }: { rank: number }) => rank]],
    kinds: ["other", "other"],
    takes: [["a number"], ["a function"]],
  },
};

/** Their rows. */
export const replicasRows: Family = { exports };
