/**
 * Who has won the race, in words. Renderers in software compute on the same processor as wasm and cpu:
 * they are named, and win nothing.
 *
 * @module
 */
import { short } from "./numbers.ts";
import type { Failure, Found, Lap } from "./messages.ts";

/** What the race has come to. */
export function verdictOf(laps: readonly (Lap | Failure)[], found: readonly Found[]): string {
  const inSoftware = found.flatMap((one) => "software" in one && one.software ? [one.backend] : []);
  const ended = laps.flatMap((lap) => "time" in lap ? [lap] : []);
  const ranked = ended.filter(({ backend }) => !inSoftware.includes(backend))
    .sort((a, b) => a.time - b.time);
  const apart = ended.filter(({ backend }) => inSoftware.includes(backend));
  return [winnerOf(ranked), ...apart.length > 0 ? [apartOf(apart)] : []].join(" ");
}

function winnerOf(ranked: readonly Lap[]): string {
  if (ranked.length === 0) return "No backend has run.";
  const [first] = ranked;
  const last = ranked[ranked.length - 1];
  if (ranked.length === 1) return `Only ${first.backend} has run.`;
  return `${first.backend} is fastest: ${
    short(last.time / first.time, 2)
  } times as fast as ${last.backend}.`;
}

function apartOf(apart: readonly Lap[]): string {
  const names = apart.map(({ backend }) => backend).join(" and ");
  return `${names} ran in a software renderer and ${
    apart.length === 1 ? "is" : "are"
  } not ranked: that says nothing about a graphics card.`;
}
