/**
 * What was measured, as text.
 *
 * @module
 */
import { aligned, medianText, milliseconds } from "../table.ts";
import type { GpuRace, GpuResult } from "./race.ts";

/** What is said wherever a processor computes in place of a card. */
export const SOFTWARE_NOTE =
  "The adapter is software: these figures tell that the bench works, and not how fast a card is.";

const PLACES = { stays: "stays", copies: "in and out" };

/** Work per second. */
export function rateOf({ work, median }: Pick<GpuResult, "work" | "median">): number {
  return work.amount / median / 1e6;
}

/** The fastest yardstick of a race. */
export function yardstickOf({ results }: GpuRace): GpuResult | undefined {
  return fastest(results.filter(({ yardstick }) => yardstick));
}

/** The fastest other library of a race. */
export function bestPeerOf({ results }: GpuRace): GpuResult | undefined {
  return fastest(results.filter(({ peer }) => peer));
}

/** The one that does most in its time. */
export function fastest(results: readonly GpuResult[]): GpuResult | undefined {
  return [...results].sort((a, b) => rateOf(b) - rateOf(a))[0];
}

/** A race as a table, fastest first, with what it is measured against above. */
export function gpuTable(race: GpuRace): string {
  const yardstick = yardstickOf(race);
  const peer = bestPeerOf(race);
  const order = (result: GpuResult) => result.yardstick ? 0 : result.median;
  const rows = [...race.results].sort((a, b) => order(a) - order(b)).map((result) => [
    result.name,
    result.yardstick ? "" : PLACES[result.place],
    medianText(result),
    milliseconds(result.min),
    `${milliseconds(rateOf(result))} ${result.work.unit === "B" ? "GB/s" : "GFLOP/s"}`,
    yardstick === undefined ? "" : `${(100 * rateOf(result) / rateOf(yardstick)).toFixed(0)} %`,
    peer === undefined || result.yardstick ? "" : `${(peer.median / result.median).toFixed(2)}x`,
    result.error === null ? "" : result.error.toExponential(1),
    String(result.calls),
    result.device,
  ]);
  const unit = yardstick === undefined ? "" : yardstick.work.unit === "B" ? "of copy" : "of FMA";
  const head = [
    "",
    "tensors",
    "median ms",
    "min ms",
    "rate",
    unit,
    "to best peer",
    "max error",
    "calls",
    "on",
  ];
  return [
    `${race.id}: ${race.counted}`,
    ...aligned([head, ...rows]),
    ...race.absent.map((one) => line(one.name, "absent", one.absent)),
    ...race.failed.map((one) => line(one.name, "FAILED", one.absent)),
  ].join("\n");
}

function line(name: string, what: string, why: string): string {
  return `  ${name}: ${what}, ${why.split("\n")[0]}`;
}
