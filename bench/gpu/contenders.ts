/**
 * All that can take part in a workload.
 *
 * @module
 */
import type { Absent } from "../contender.ts";
import type { Inputs } from "../inputs.ts";
import type { Workload } from "../workloads.ts";
import type { GpuContender } from "./contender.ts";
import type { Card } from "./device.ts";
import { repeatedCheck, repeatedInputs } from "./inputs.ts";
import { jax } from "./peers/jax.ts";
import { onnx } from "./peers/onnx.ts";
import { ours, type Way } from "./peers/ours.ts";
import { tensorflow } from "./peers/tensorflow.ts";
import type { GpuEntry, GpuEvent } from "./race.ts";
import { bytesOfX, countedAs, type GpuWorkload, largeOf, type Size, workOf } from "./workloads.ts";
import { copyYardsticks, fmaYardstick } from "./yardsticks.ts";

/** Another library's contenders. */
type Peer = (workload: Workload, inputs: Inputs) => Promise<(GpuContender | Absent)[]>;

const PEERS: readonly Peer[] = [tensorflow, onnx, jax];

/** Threads of the multiply-adds, and their steps: a few tenths of a millisecond of a card. */
const FMA = {
  full: { threads: 2 ** 20, steps: 64 },
  quick: { threads: 2 ** 12, steps: 32 },
};

/** The race of a workload: this library, its peers, and the yardstick that the work is counted by. */
export async function eventOf(
  card: Card,
  ways: readonly Way[],
  workload: GpuWorkload,
  size: Size,
): Promise<GpuEvent> {
  const large = largeOf(workload);
  const inputs = repeatedInputs(workload);
  const peers = (await Promise.all(PEERS.map((peer) => peer(large, inputs)))).flat();
  return {
    id: workload.id,
    counted: countedAs(workload),
    work: workOf(workload),
    contenders: [
      ...yardsticks(card, workload, size),
      ...await ours(ways, large, inputs),
      ...peers.map((peer): GpuEntry => "absent" in peer ? { ...peer, peer: true } : peer),
    ],
    check: repeatedCheck(workload),
  };
}

/** The copy moves as many bytes as the norm has, so that caches help both alike. */
function yardsticks(card: Card, workload: GpuWorkload, size: Size): GpuContender[] {
  return workOf(workload).unit === "FLOP"
    ? [fmaYardstick(card, FMA[size])]
    : copyYardsticks(card, bytesOfX(workload));
}
