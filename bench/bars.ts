/**
 * `deno task bench bars`: what this library has set itself, measured, as met or missed.
 *
 * @module
 */
import { channels } from "./channels.ts";
import { isThreaded } from "./contender.ts";
import { copyRatios } from "./copy_ratio.ts";
import { firstCalls } from "./first_calls.ts";
import { gradients } from "./gradients.ts";
import { growths } from "./growth.ts";
import { plainArrays } from "./plain_arrays.ts";
import { race } from "./race.ts";
import type { Race, Result } from "./result.ts";
import { smallCalls } from "./small_calls.ts";
import { isUnsteady } from "./steady.ts";
import { aligned } from "./table.ts";
import { threads } from "./threads.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";
import { workloads } from "./workloads.ts";

/** A bar over one race: the peer's time over ours. */
export interface Bar {
  readonly workload: string;
  readonly ours: string;
  /** How the names of the peers start, of which the fastest counts. */
  readonly peer: string;
  readonly atLeast: number;
}

const WASM = "kernorm wasm";
const IN_PLACE = "kernorm wasm, in place";
const TF = "tfjs-wasm";
const WEB = "onnxruntime-web";
/** One thread: the names of the others go on with a comma. */
const NODE = "onnxruntime-node";

const bar = (workload: string, ours: string, peer: string, atLeast: number): Bar => ({
  workload,
  ours,
  peer,
  atLeast,
});

const BARS: readonly Bar[] = [
  bar("gdn 1x64x64x192 NHWC", WASM, WEB, 2),
  bar("gdn 1x64x64x192 NHWC", WASM, TF, 2),
  bar("gdn 1x64x64x192 NHWC", WASM, NODE, 0.42),
  bar("gdn 1x64x64x192 NCHW", WASM, WEB, 1.5),
  bar("batchNorm inference 8x56x56x64 NCHW", WASM, WEB, 1.1),
  bar("batchNorm inference 8x56x56x64 NHWC", WASM, TF, 2.5),
  bar("batchNorm inference 8x56x56x64 NHWC", WASM, NODE, 1.2),
  bar("batchNorm inference 8x56x56x64 NCHW", WASM, NODE, 1.2),
  bar("batchNorm inference 8x56x56x64 NCHW", IN_PLACE, NODE, 2.3),
  bar("batchNorm inference 8x56x56x64 NHWC", IN_PLACE, NODE, 2.3),
  bar("groupNorm 32 8x56x56x64 NCHW", WASM, NODE, 2.5),
  bar("groupNorm 32 8x56x56x64 NHWC", WASM, NODE, 2.5),
  bar("groupNorm 32 8x56x56x64 NCHW", WASM, WEB, 3),
  bar("batchNorm training 8x56x56x64 NHWC", WASM, TF, 6),
  bar("batchNorm training 8x56x56x64 NCHW", WASM, TF, 6),
  bar("layerNorm 512x768", WASM, NODE, 1),
  bar("gdn 1x64x64x192 NHWC, both ways", WASM, TF, 2),
  bar("gdn 1x64x64x192 NCHW, both ways", WASM, TF, 2),
  bar("batchNorm training 8x56x56x64 NHWC, both ways", WASM, TF, 5),
  bar("batchNorm training 8x56x56x64 NCHW, both ways", WASM, TF, 5),
  bar("tiny batchNorm inference 1x4x4x16 NHWC", WASM, TF, 1),
  bar("tiny batchNorm inference 1x4x4x16 NHWC", WASM, WEB, 1),
  bar("tiny batchNorm inference 1x4x4x16 NCHW", WASM, TF, 1),
  bar("tiny batchNorm inference 1x4x4x16 NCHW", WASM, WEB, 1),
];

const GROUP_NHWC = "groupNorm 32 8x56x56x64 NHWC";
/** Only those that a bar is about. */
const only = (name: string) =>
  [WASM, IN_PLACE, TF].includes(name.replace(/ \d.*/, "")) ||
  (name.startsWith("onnxruntime") && !isThreaded({ name }));
const ROUNDS = 21;
/** A bar that medians meet and fastest rounds miss by more than this factor is met by chance. */
const AGREE = 1.1;
/** Milliseconds that a call on a tiny tensor may take. */
const TINY_MS = 0.06;
/** How much longer group norm may take in NHWC than in NCHW. */
const FORMATS = 1.3;

/** Runs the command. */
export async function main(): Promise<void> {
  const races = new Map<string, Race>();
  const needed = [...new Set([...BARS.map(({ workload }) => workload), GROUP_NHWC])];
  for (const id of needed) {
    console.error(`${id} ...`);
    races.set(
      id,
      await race(workloads.find((workload) => workload.id === id)!, { rounds: ROUNDS, only }),
    );
  }
  const verdicts = [
    ...BARS.map((bar) => verdict(bar, races.get(bar.workload)!)),
    ...timings(races),
    ...await plainArrays(),
    ...await channels(),
    ...await threads(),
    ...await gradients(),
    ...await smallCalls(),
    ...await copyRatios(),
    ...await growths(),
    ...await firstCalls(),
  ];
  const rows = verdicts.map(({ what, bar, measured, outcome }) => [what, bar, measured, outcome]);
  console.log(aligned([["", "bar", "measured", ""], ...rows]).join("\n"));
  Deno.exit(verdicts.every(({ outcome }) => outcome === "met") ? 0 : 1);
}

/** A bar over a race. The fastest of a peer's forms counts, with one thread. */
export function verdict({ workload, ours, peer, atLeast }: Bar, race: Race): Verdict {
  const rivals = race.results.filter((result) =>
    result.name.startsWith(peer) && !isThreaded(result)
  );
  const mine = resultOf(race, ours);
  if (rivals.length === 0) {
    throw new Error(`Cannot judge ${workload}: ${peer} must take part, got ${absences(race)}`);
  }
  const best = rivals.reduce((a, b) => a.median <= b.median ? a : b);
  const ratio = best.median / mine.median;
  // The fastest rounds are of the fastest form by them, which need not be that of the medians.
  const fastest = Math.min(...rivals.map(({ min }) => min)) / mine.min;
  const unsteady = isUnsteady(best) || isUnsteady(mine) ||
    ratio >= atLeast && fastest < atLeast / AGREE;
  return {
    what: `${workload}: ${ours} to ${best.name}`,
    bar: `>= ${atLeast}x`,
    measured: `${ratio.toFixed(2)}x, fastest rounds ${fastest.toFixed(2)}x`,
    outcome: unsteady ? "unsteady" : outcomeOf(ratio >= atLeast),
  };
}

function resultOf(race: Race, name: string): Result {
  const result = race.results.find((result) => result.name === name);
  if (result === undefined) {
    const { id } = race.workload;
    throw new Error(`Cannot judge ${id}: ${name} must take part, got ${absences(race)}`);
  }
  return result;
}

function absences({ absent }: Race): string {
  return absent.map(({ name, absent }) => `${name}: ${absent}`).join("; ");
}

function timings(races: ReadonlyMap<string, Race>): Verdict[] {
  const [nhwc, nchw] = [GROUP_NHWC, GROUP_NHWC.replace("NHWC", "NCHW")]
    .map((id) => resultOf(races.get(id)!, WASM));
  const tiny = resultOf(races.get("tiny batchNorm inference 1x4x4x16 NHWC")!, WASM);
  const ratio = nhwc.median / nchw.median;
  return [
    {
      what: "groupNorm 32 8x56x56x64: NHWC to NCHW",
      bar: `<= ${FORMATS}x`,
      measured: `${ratio.toFixed(2)}x, fastest rounds ${(nhwc.min / nchw.min).toFixed(2)}x`,
      outcome: isUnsteady(nhwc) || isUnsteady(nchw) ? "unsteady" : outcomeOf(ratio <= FORMATS),
    },
    {
      what: "tiny batchNorm inference: one call",
      bar: `< ${1000 * TINY_MS} us`,
      measured: `${(1000 * tiny.median).toFixed(1)} us`,
      outcome: outcomeOf(tiny.median < TINY_MS),
    },
  ];
}
