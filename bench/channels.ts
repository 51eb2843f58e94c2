/**
 * GDN in place, from few channels to many, beside the bare inner loops of a contraction: which share of
 * the engine's multiply-adds it reaches with everything else that it has to do.
 *
 * @module
 */
import { createRuntime, gdn, type RuntimeScope } from "../mod.ts";
import { random } from "../tests/support/random.ts";
import { lowerEighth, median } from "./statistics.ts";
import { aligned } from "./table.ts";
import { timesInTurn } from "./turns.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";
import { packedTile, registers, type Yardstick } from "./yardsticks.ts";

const FORMATS = ["NHWC", "NCHW"] as const;
type Format = typeof FORMATS[number];

/** A size of GDN, and the share of the tile's speed that it has to reach. */
interface Size {
  readonly channels: number;
  readonly positions: number;
  readonly atLeast?: number;
}

const SIZES: readonly Size[] = [
  { channels: 32, positions: 4096 },
  { channels: 64, positions: 4096 },
  { channels: 128, positions: 4096, atLeast: 0.85 },
  { channels: 192, positions: 4096, atLeast: 0.85 },
  { channels: 256, positions: 2048, atLeast: 0.85 },
  { channels: 320, positions: 1024, atLeast: 0.85 },
  { channels: 512, positions: 1024, atLeast: 0.85 },
  { channels: 768, positions: 512 },
  { channels: 1024, positions: 256, atLeast: 0.75 },
];
const TURNS = { warmUp: 5, rounds: 80 };
/** Operations of a round of a yardstick alone: about two milliseconds. */
const OPERATIONS = 1e8;
/** A tile whose median is beyond this multiple of its lower eighth was disturbed too much to compare with. */
const STEADY = 1.25;

/** A size as it was measured: milliseconds of each round. */
export interface Measured {
  readonly size: Size;
  readonly format: Format;
  readonly operations: number;
  readonly ours: readonly number[];
  /** Those of the tile, for as many operations. */
  readonly tile: readonly number[];
}

/** Runs the command: the sweep, and what registers alone reach. */
export async function main(): Promise<void> {
  const measured = await sweep(SIZES);
  const rows = measured.map(({ size, format, operations, ours, tile }) => [
    `gdn ${size.positions} x ${size.channels} ${format}`,
    rate(operations, lowerEighth(ours)),
    rate(operations, median(ours)),
    percent(lowerEighth(tile) / lowerEighth(ours)),
    percent(median(tile) / median(ours)),
  ]);
  const bare = [packedTile(), packedTile({ fused: false }), ...registersAlone()];
  const times = await timesInTurn(bare.map((one) => turnsOf(one, OPERATIONS)), TURNS);
  const others = bare.map(({ name }, i) => [
    name,
    rate(OPERATIONS, lowerEighth(times[i])),
    rate(OPERATIONS, median(times[i])),
    "",
    "",
  ]);
  const head = ["GFLOP/s", "lower eighth", "median", "of the tile", "by medians"];
  console.log(aligned([head, ...rows, ...others]).join("\n"));
}

function registersAlone(): Yardstick[] {
  return [true, false].flatMap((fused) => [8, 12].map((count) => registers(count, { fused })));
}

/** A verdict for each size that has a bar. */
export async function channels(): Promise<Verdict[]> {
  return (await sweep(SIZES.filter(({ atLeast }) => atLeast !== undefined))).map(verdictOn);
}

/** A verdict on a size that has been measured. */
export function verdictOn({ size, format, operations, ours, tile }: Measured): Verdict {
  const share = lowerEighth(tile) / lowerEighth(ours);
  const steady = median(tile) <= STEADY * lowerEighth(tile);
  return {
    what: `gdn in place, ${size.positions} x ${size.channels} ${format}, to a bare packed tile`,
    bar: `>= ${percent(size.atLeast!)}`,
    measured: `${percent(share)}: ${rate(operations, lowerEighth(ours))} to ${
      rate(operations, lowerEighth(tile))
    } GFLOP/s, medians ${percent(median(tile) / median(ours))}`,
    outcome: steady ? outcomeOf(share >= size.atLeast!) : "unsteady",
  };
}

async function sweep(sizes: readonly Size[]): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const size of sizes) {
    for (const format of FORMATS) {
      console.error(`gdn in place, ${size.positions} x ${size.channels} ${format} ...`);
      measured.push(await measure(size, format));
    }
  }
  return measured;
}

async function measure(size: Size, format: Format): Promise<Measured> {
  const { channels, positions } = size;
  await using runtime = await createRuntime({ backend: "wasm" });
  using scope = runtime.scope();
  const next = random(channels);
  const filled = (shape: readonly number[], scale: number, offset: number) => {
    const tensor = scope.zeros(shape);
    tensor.data.forEach((_, i) => tensor.data[i] = (next() - 0.5) * scale + offset);
    return tensor;
  };
  const x = filled(format === "NHWC" ? [1, positions, channels] : [1, channels, positions], 2, 0);
  const params = {
    beta: filled([channels], 1, 1),
    gamma: filled([channels, channels], 0.1, 0.06),
  };
  const call = async () => {
    using inner: RuntimeScope = runtime.scope();
    await gdn(x, params, { dataFormat: format, runtime: inner });
  };
  const operations = 2 * positions * channels ** 2;
  const [ours, tile] = await timesInTurn([call, turnsOf(packedTile(), operations)], TURNS);
  return { size, format, operations, ours, tile };
}

/** A call of a yardstick that does about as many operations. */
function turnsOf({ operations, run }: Yardstick, wanted: number): () => void {
  const turns = Math.round(wanted / operations);
  return () => run(turns);
}

function rate(operations: number, milliseconds: number): string {
  return (operations / milliseconds / 1e6).toFixed(1);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
