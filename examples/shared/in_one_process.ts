/**
 * Replicas of a command that are all in its own process.
 *
 * @module
 */
import { type ReplicaGroup, runReplicas } from "../../mod.ts";
import { ExampleError } from "./command.ts";

/** Each has a runtime of its own, whose memory is reserved. */
const MOST = 64;

/** Runs a command's work on as many replicas as `--replicas` says. */
export async function inOneProcess(
  replicas: number,
  work: (group: ReplicaGroup) => Promise<unknown>,
): Promise<void> {
  if (replicas > MOST) {
    throw new ExampleError(
      `Cannot run replicas: --replicas must be at most ${MOST}, got ${replicas}`,
    );
  }
  await runReplicas(replicas, work);
}
