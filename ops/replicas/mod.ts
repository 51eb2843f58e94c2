/**
 * Replicas that compute together: the group that they are, and what they do as one.
 *
 * @module
 */
export { allMergeMoments } from "./all_merge_moments.ts";
export { allReduceTree, type Summed } from "./all_reduce_tree.ts";
export type { ReplicaGroup } from "./group.ts";
export { runReplicas } from "./run_replicas.ts";
