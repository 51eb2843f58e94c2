/**
 * `deno task bench:bars`: what this library has set itself, measured, as met or missed.
 *
 * @module
 */
import { copyRatios } from "./copy_ratio.ts";
import { growths } from "./growth.ts";
import { type Race, race } from "./race.ts";
import { aligned } from "./table.ts";
import type { Verdict } from "./verdict.ts";
import { workloads } from "./workloads.ts";

/** A bar over one race: the peer's time over ours. */
interface Bar {
  readonly workload: string;
  readonly ours: string;
  /** How the names of the peers start, of which the fastest counts. */
  readonly peer: string;
  readonly atLeast: number;
}

const [WASM, IN_PLACE] = ["kernorm wasm", "kernorm wasm, in place"];
const [TF, WEB] = ["tfjs-wasm", "onnxruntime-web"];
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
  bar("batchNorm inference 8x56x56x64 NCHW", IN_PLACE, NODE, 2.3),
  bar("batchNorm inference 8x56x56x64 NHWC", IN_PLACE, NODE, 2.3),
  bar("groupNorm 32 8x56x56x64 NCHW", WASM, NODE, 2),
  bar("groupNorm 32 8x56x56x64 NCHW", WASM, WEB, 3),
  bar("batchNorm training 8x56x56x64 NHWC", WASM, TF, 6),
  bar("batchNorm training 8x56x56x64 NCHW", WASM, TF, 6),
  bar("layerNorm 512x768", WASM, NODE, 1),
  bar("tiny batchNorm inference 1x4x4x16 NHWC", WASM, TF, 1),
  bar("tiny batchNorm inference 1x4x4x16 NHWC", WASM, WEB, 1),
  bar("tiny batchNorm inference 1x4x4x16 NCHW", WASM, TF, 1),
  bar("tiny batchNorm inference 1x4x4x16 NCHW", WASM, WEB, 1),
];

const GROUP_NHWC = "groupNorm 32 8x56x56x64 NHWC";
/** Only those that a bar is about. */
const only = (name: string) =>
  [WASM, IN_PLACE, TF].includes(name.replace(/ \d.*/, "")) ||
  (name.startsWith("onnxruntime") && !name.includes("2 threads"));
const ROUNDS = 21;
/** Milliseconds that a call on a tiny tensor may take. */
const TINY_MS = 0.06;
/** How much longer group norm may take in NHWC than in NCHW. */
const FORMATS = 1.3;

if (import.meta.main) await main();

async function main(): Promise<void> {
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
    ...await copyRatios(),
    ...await growths(),
  ];
  const rows = verdicts.map(({ what, bar, measured, met }) => [
    what,
    bar,
    measured,
    met ? "met" : "MISSED",
  ]);
  console.log(aligned([["", "bar", "measured", ""], ...rows]).join("\n"));
  Deno.exit(verdicts.every(({ met }) => met) ? 0 : 1);
}

function verdict({ workload, ours, peer, atLeast }: Bar, race: Race): Verdict {
  const rivals = race.results.filter(({ name }) =>
    name.startsWith(peer) && !name.includes("2 threads")
  );
  const best = rivals.reduce((a, b) => a.median <= b.median ? a : b);
  const ratio = best.median / timeOf(race, ours);
  return {
    what: `${workload}: ${ours} to ${best.name}`,
    bar: `>= ${atLeast}x`,
    measured: `${ratio.toFixed(2)}x`,
    met: ratio >= atLeast,
  };
}

function timeOf(race: Race, name: string): number {
  return race.results.find((result) => result.name === name)!.median;
}

function timings(races: ReadonlyMap<string, Race>): Verdict[] {
  const [nhwc, nchw] = [GROUP_NHWC, GROUP_NHWC.replace("NHWC", "NCHW")]
    .map((id) => timeOf(races.get(id)!, WASM));
  const tiny = timeOf(races.get("tiny batchNorm inference 1x4x4x16 NHWC")!, WASM);
  return [
    {
      what: "groupNorm 32 8x56x56x64: NHWC to NCHW",
      bar: `<= ${FORMATS}x`,
      measured: `${(nhwc / nchw).toFixed(2)}x`,
      met: nhwc <= FORMATS * nchw,
    },
    {
      what: "tiny batchNorm inference: one call",
      bar: `< ${1000 * TINY_MS} us`,
      measured: `${(1000 * tiny).toFixed(1)} us`,
      met: tiny < TINY_MS,
    },
  ];
}
