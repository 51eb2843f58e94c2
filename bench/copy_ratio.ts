/**
 * Inference in place against the copy of the same bytes, from sizes where the call is all there is to
 * sizes where memory is.
 *
 * @module
 */
import { batchNorm, createRuntime, tensor } from "../mod.ts";
import { median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** How much longer than a copy it may take. */
const COPIES = 3;
/** Elements, as powers of two. */
const SMALLEST = 14;
const LARGEST = 26;
const STEP = 2;
const CHANNELS = 64;
const WARM_UP = 5;
const ROUNDS = 15;
/** Small sizes are timed many at a time, so that the clock's grain is nothing: elements per timing. */
const ELEMENTS = 2 ** 20;
/** float32 has 24 bits, and the answer is about 2. */
const TOLERANCE = 1e-6;

/** A verdict for each size and format. */
export async function copyRatios(): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const dataFormat of ["NHWC", "NCHW"] as const) {
    for (let log = SMALLEST; log <= LARGEST; log += STEP) {
      console.error(`inference in place, ${dataFormat}, 2^${log} elements ...`);
      const ratio = await ratioAt(2 ** log, dataFormat);
      verdicts.push({
        what: `batchNorm inference in place, ${dataFormat}, 2^${log} elements, to a copy`,
        bar: `<= ${COPIES}x`,
        measured: `${ratio.toFixed(2)}x`,
        outcome: outcomeOf(ratio <= COPIES),
      });
    }
  }
  return verdicts;
}

async function ratioAt(elements: number, dataFormat: "NHWC" | "NCHW"): Promise<number> {
  await using runtime = await createRuntime({ backend: "wasm" });
  const side = elements / CHANNELS;
  using inputs = runtime.scope();
  const x = inputs.zeros(dataFormat === "NHWC" ? [1, side, 1, CHANNELS] : [1, CHANNELS, side, 1]);
  x.data.fill(2);
  const ones = () => new Float32Array(CHANNELS).fill(1);
  const params = { beta: ones(), gamma: ones() };
  const state = { movingMean: tensor(ones()), movingVariance: tensor(ones()) };
  const inPlace = async () => {
    using scope = runtime.scope();
    const options = { training: false, scale: true, dataFormat, runtime: scope } as const;
    const { y } = await batchNorm(x, params, state, options);
    return y.data[elements - 1];
  };
  const answer = (2 - 1) / Math.sqrt(1 + 1e-3) + 1;
  const error = Math.abs(await inPlace() - answer);
  if (!(error < TOLERANCE)) throw new Error(`Cannot time inference in place: wrong by ${error}`);

  const source = new Float32Array(elements).fill(1);
  const target = new Float32Array(elements);
  const calls = Math.max(1, ELEMENTS / elements);
  const ours: number[] = [];
  const copies: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < calls; call++) await inPlace();
    const middle = performance.now();
    for (let call = 0; call < calls; call++) target.set(source);
    const end = performance.now();
    if (round < 0) continue;
    ours.push(middle - start);
    copies.push(end - middle);
  }
  return median(ours) / median(copies);
}
