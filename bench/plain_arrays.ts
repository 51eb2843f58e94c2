/**
 * What calls on plain arrays take beside a copy of x: with the copies in and out, for a batch of another
 * size, and in memory.
 *
 * @module
 */
import { batchNorm, createRuntime, groupNorm, type Runtime, type Tensor, tensor } from "../mod.ts";
import { lowerEighth } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

const CHANNELS = 64;
const SIDE = 56;
const SAMPLES = 8;
const ROUNDS = 80;
const WARM_UP = 5;
/** Other sizes of the batch, each of which a runtime meets for the first time. */
const SIZES = [7, 6, 5, 4, 3];
/** How often a new size is tried, on a new runtime each. */
const TRIES = 5;
/** How much longer for each sample than a call of a known size the first of a new one may take. */
const NEW_SIZE = 1.5;
/** Bytes that a runtime may hold besides parameters and one sample. */
const HELD = 2 * 2 ** 20;

type DataFormat = "NHWC" | "NCHW";
type Call = (x: Tensor, runtime: Runtime) => Promise<unknown>;

/** An op, and how many times as long as a copy of x it may take. */
interface Op {
  readonly name: string;
  readonly most: number;
  readonly call: (dataFormat: DataFormat) => Call;
}

const filled = (value: number) => new Float32Array(CHANNELS).fill(value);
const params = { beta: filled(0.5), gamma: filled(1.5) };
const state = { movingMean: filled(1), movingVariance: filled(2) };

const OPS: readonly Op[] = [
  {
    name: "batchNorm inference",
    most: 1.7,
    call: (dataFormat) => (x, runtime) =>
      batchNorm(x, params, state, { dataFormat, training: false, runtime }),
  },
  {
    name: "groupNorm 32",
    most: 2.1,
    call: (dataFormat) => (x, runtime) => groupNorm(x, params, { dataFormat, runtime }),
  },
];

/** Verdicts for each op and format. */
export async function plainArrays(): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { name, most, call } of OPS) {
    for (const dataFormat of ["NHWC", "NCHW"] as const) {
      const what = `${name} ${batchOf(SAMPLES, dataFormat).shape.join("x")} ${dataFormat}`;
      console.error(`${what}, plain arrays ...`);
      const { ratio, held } = await besideCopy(call(dataFormat), dataFormat);
      const first = await newSize(call(dataFormat), dataFormat);
      const sample = batchOf(1, dataFormat).data.byteLength;
      verdicts.push(
        { what: `${what}: to a slice of x`, ...atMost(ratio, most) },
        { what: `${what}: a new batch size, for each sample`, ...atMost(first, NEW_SIZE) },
        {
          what: `${what}: bytes held besides a sample`,
          bar: `<= ${HELD}`,
          measured: `${held - sample}`,
          outcome: outcomeOf(held - sample <= HELD),
        },
      );
    }
  }
  return verdicts;
}

function atMost(ratio: number, most: number): Omit<Verdict, "what"> {
  return {
    bar: `<= ${most}x`,
    measured: `${ratio.toFixed(2)}x`,
    outcome: outcomeOf(ratio <= most),
  };
}

function batchOf(samples: number, dataFormat: DataFormat): Tensor {
  const shape = dataFormat === "NHWC"
    ? [samples, SIDE, SIDE, CHANNELS]
    : [samples, CHANNELS, SIDE, SIDE];
  const length = samples * SIDE * SIDE * CHANNELS;
  return tensor(Float32Array.from({ length }, (_, i) => 1 + ((i * 7919) % 1000) / 333), shape);
}

/** The time of a call over that of a copy, and the bytes that the runtime holds afterwards. */
async function besideCopy(
  call: Call,
  dataFormat: DataFormat,
): Promise<{ readonly ratio: number; readonly held: number }> {
  await using runtime = await createRuntime({ backend: "wasm" });
  const x = batchOf(SAMPLES, dataFormat);
  const ours: number[] = [];
  const copies: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const start = performance.now();
    await call(x, runtime);
    const middle = performance.now();
    x.data.slice();
    const end = performance.now();
    if (round < 0) continue;
    ours.push(middle - start);
    copies.push(end - middle);
  }
  return { ratio: lowerEighth(ours) / lowerEighth(copies), held: runtime.stats().bytesHeld };
}

/** The time of the first call with a new batch size over that of a call made before, for each sample. */
async function newSize(call: Call, dataFormat: DataFormat): Promise<number> {
  const known = batchOf(SAMPLES, dataFormat);
  const others = SIZES.map((samples) => batchOf(samples, dataFormat));
  const first: number[] = [];
  const steady: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await using runtime = await createRuntime({ backend: "wasm" });
    const time = async (x: Tensor) => {
      const start = performance.now();
      await call(x, runtime);
      return (performance.now() - start) / x.shape[0];
    };
    for (let i = 0; i < WARM_UP; i++) await call(known, runtime);
    for (const x of others) {
      first.push(await time(x));
      steady.push(await time(known));
    }
  }
  return lowerEighth(first) / lowerEighth(steady);
}
