/**
 * `deno task bench:bars`: what this library has set itself, measured, as met or missed.
 *
 * @module
 */
import { batchNorm, createRuntime, groupNorm, tensor } from "../mod.ts";
import { type Race, race } from "./race.ts";
import { median } from "./statistics.ts";
import { aligned } from "./table.ts";
import { workloads } from "./workloads.ts";

/** A bar over one race: the peer's time over ours. */
interface Bar {
  readonly workload: string;
  readonly ours: string;
  /** How the names of the peers start, of which the fastest counts. */
  readonly peer: string;
  readonly atLeast: number;
}

/** A bar, measured. */
interface Verdict {
  readonly what: string;
  readonly bar: string;
  readonly measured: string;
  readonly met: boolean;
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
/** How much longer than a copy inference in place may take. */
const COPIES = 3;
/** Bytes by which the process may grow after its warm-up. */
const GROWTH = 32 * 2 ** 20;

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
    ...await memory(),
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

/** Inference in place against the copy of the same bytes, at sizes from 2^14 to 2^26 elements. */
async function copyRatios(): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const channels = 64;
  const vector = () => new Float32Array(channels).fill(1);
  const state = { movingMean: tensor(vector()), movingVariance: tensor(vector()) };
  for (let log = 14; log <= 26; log += 2) {
    console.error(`inference in place, 2^${log} elements ...`);
    await using runtime = await createRuntime({ backend: "wasm" });
    using x = runtime.tensor([1, 2 ** log / channels, channels]);
    x.data.fill(2);
    const [source, target] = [new Float32Array(2 ** log).fill(1), new Float32Array(2 ** log)];
    const [ours, copies]: [number[], number[]] = [[], []];
    for (let round = -5; round < 15; round++) {
      const start = performance.now();
      {
        using scope = runtime.scope();
        const params = { beta: vector(), gamma: vector() };
        await batchNorm(x, params, state, { training: false, scale: true, runtime: scope });
      }
      const middle = performance.now();
      target.set(source);
      const end = performance.now();
      if (round < 0) continue;
      ours.push(middle - start);
      copies.push(end - middle);
    }
    const ratio = median(ours) / median(copies);
    verdicts.push({
      what: `batchNorm inference in place, 2^${log} elements, to a copy`,
      bar: `<= ${COPIES}x`,
      measured: `${ratio.toFixed(2)}x`,
      met: ratio <= COPIES,
    });
  }
  return verdicts;
}

/** Memory after many calls of one shape, and of many shapes. */
async function memory(): Promise<Verdict[]> {
  console.error("memory ...");
  await using runtime = await createRuntime({ backend: "wasm" });
  const norm = async (shape: readonly number[]) => {
    const x = tensor(new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape);
    const options = { groups: 1, center: false, scale: false, runtime } as const;
    await groupNorm(x, {}, options);
  };
  const growth = async (what: string, calls: number, call: (i: number) => Promise<void>) => {
    for (let i = 0; i < calls / 10; i++) await call(i);
    const [rss, held] = [Deno.memoryUsage().rss, runtime.stats().bytesHeld];
    for (let i = 0; i < calls; i++) await call(i);
    const grown = Deno.memoryUsage().rss - rss;
    const more = runtime.stats().bytesHeld - held;
    return {
      what: `memory over ${what}`,
      bar: `< ${GROWTH / 2 ** 20} MiB`,
      measured: `${(grown / 2 ** 20).toFixed(1)} MiB, held ${(more / 2 ** 20).toFixed(1)} MiB`,
      met: grown < GROWTH && more < GROWTH,
    };
  };
  // The same thousand shapes, in the order of a full cycle of a generator.
  const side = (i: number, step: number) => 1 + (i * step) % 61;
  return [
    await growth("10 000 calls of one shape", 10000, () => norm([1, 16, 16, 32])),
    await growth(
      "1 000 calls of random shapes",
      1000,
      (i) => norm([1, side(i, 7), side(i, 13), 16]),
    ),
  ];
}
