/**
 * How fast a backend is, and how long a run takes it.
 *
 * @module
 */
import type { LaunchCost } from "./cost.ts";

/** What a backend takes for each of these, in milliseconds. */
export interface Rates {
  /** A run of next to nothing, until its results are in memory. */
  readonly latency: number;
  /** One launch more in a run. */
  readonly launch: number;
  /** A byte of the inputs on its way to where it is read. */
  readonly up: number;
  /** A byte of the results on its way to the caller. */
  readonly down: number;
  /** A byte that a launch reads or writes. */
  readonly byte: number;
  /** An operation on numbers, among many cells. */
  readonly flop: number;
  /** A turn of a loop of one cell, which no other cell can take over. */
  readonly turn: number;
}

/** Bytes that go to a backend and come back. */
export interface Transfer {
  readonly up: number;
  readonly down: number;
}

/** The milliseconds that a run is estimated to take. */
export function timeOf(costs: readonly LaunchCost[], { up, down }: Transfer, rates: Rates): number {
  const work = costs.reduce((sum, { flops, bytes, turns }) => {
    // Whatever takes longest hides the rest.
    return sum + rates.launch +
      Math.max(bytes * rates.byte, flops * rates.flop, turns * rates.turn);
  }, 0);
  return rates.latency + up * rates.up + down * rates.down + work;
}
