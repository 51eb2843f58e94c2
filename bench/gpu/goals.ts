/**
 * What this library has set itself on a card, judged by the races.
 *
 * @module
 */
import { isUnsteady } from "../steady.ts";
import { aligned } from "../table.ts";
import { outcomeOf, type Verdict } from "../verdict.ts";
import { autoRatio, type Crossing } from "./crossing.ts";
import type { GpuRace, GpuResult } from "./race.ts";
import { fastest, rateOf, yardstickOf } from "./report.ts";

/** Share of the copy that a norm of so many bytes reaches. */
const OF_COPY = 0.8;
const LARGE = 64e6;
/** Share of the multiply-adds that GDN reaches. */
const OF_FMA = 0.4;
/** How much faster than these peers, each in its fastest form. */
const TO_PEERS = 2;
const PEERS = ["tfjs", "jax-js"];
/** How much slower than the better backend "auto" may be. */
const AUTO = 1.1;

const OURS = "kernorm webgpu";

/** A verdict for each goal that was measured. */
export function goalsOf(
  races: readonly GpuRace[],
  crossings: readonly Crossing[],
): Verdict[] {
  return [...races.flatMap(goalsOfRace), ...crossings.flatMap(goalOfAuto)];
}

/** Gradients have a goal against the peers alone. */
function goalsOfRace(race: GpuRace): Verdict[] {
  const mine = race.results.find(({ name, place }) => name === OURS && place === "stays");
  if (mine === undefined) return [];
  const yardstick = yardstickOf(race);
  const verdicts: Verdict[] = [];
  if (yardstick !== undefined && isLarge(yardstick) && !race.id.endsWith("both ways")) {
    const least = yardstick.work.unit === "B" ? OF_COPY : OF_FMA;
    const share = rateOf(mine) / rateOf(yardstick);
    verdicts.push({
      what: `${race.id}, to ${yardstick.name}`,
      bar: `>= ${100 * least} %`,
      measured: `${(100 * share).toFixed(0)} %`,
      outcome: judged(share >= least, mine, yardstick),
    });
  }
  for (const start of PEERS) {
    const peer = fastest(race.results.filter(({ name }) => name.startsWith(start)));
    if (peer === undefined) continue;
    const ratio = peer.median / mine.median;
    verdicts.push({
      what: `${race.id}, to ${peer.name}`,
      bar: `>= ${TO_PEERS}x`,
      measured: `${ratio.toFixed(2)}x`,
      outcome: judged(ratio >= TO_PEERS, mine, peer),
    });
  }
  return verdicts;
}

/** A copy reads and writes as many bytes as x has. */
function isLarge({ work: { amount, unit } }: GpuResult): boolean {
  return unit === "FLOP" || amount >= 2 * LARGE;
}

function judged(met: boolean, ...results: GpuResult[]): Verdict["outcome"] {
  return results.some(isUnsteady) ? "unsteady" : outcomeOf(met);
}

/** At its worst size; tensors that stay leave it no choice. */
function goalOfAuto({ op, points }: Crossing): Verdict[] {
  const ratios = points.map(autoRatio).filter((ratio) => ratio !== undefined);
  if (ratios.length === 0) return [];
  const worst = Math.max(...ratios);
  return [{
    what: `auto, ${op}, plain arrays`,
    bar: `<= ${AUTO}x the faster backend`,
    measured: `${worst.toFixed(2)}x at worst`,
    outcome: outcomeOf(worst <= AUTO),
  }];
}

/** The verdicts as a table. */
export function goalTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ what, bar, measured, outcome }) => [what, bar, measured, outcome]);
  return aligned([["", "goal", "measured", ""], ...rows]).join("\n");
}
