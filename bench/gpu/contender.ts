import type { Answer } from "../contender.ts";
import type { Timed } from "./pace.ts";

/** Where a contender's tensors are before and after a call. */
export type Place = "stays" | "copies";

/** What a call is counted as. */
export interface Work {
  readonly amount: number;
  readonly unit: "B" | "FLOP";
}

/** One of those that race on a GPU. */
export interface GpuContender extends Timed {
  readonly name: string;
  /** Another library: what our ratios are against. */
  readonly peer: boolean;
  readonly place: Place;
  /** The adapter, or what else computes. */
  readonly device: string;
  /** What one call of a yardstick does; the others do the work of the workload. */
  readonly work?: Work;
  /** One call whose answer can be looked at; a yardstick throws if its own is wrong. */
  answer(): Promise<Answer | undefined>;
  dispose(): void | Promise<void>;
}
