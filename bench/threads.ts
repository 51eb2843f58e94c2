/**
 * Two threads beside one: where they gain, and that they cost nothing where they do not take part.
 *
 * @module
 */
import {
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  initGdn,
  layerNorm,
  type Runtime,
  tensor,
} from "../mod.ts";
import { random } from "../tests/support/random.ts";
import { lowerEighth, median } from "./statistics.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** How much longer a call may take with threads than without. */
const MOST = 1.05;
const WARM_UP = 10;
const ROUNDS = 80;
const SETTLE_MS = 200;
/** Without a difference, medians and lower eighths agree as well as this. */
const AGREE = 1.1;

const next = random(5);
const draw = (shape: readonly number[]) => {
  const length = shape.reduce((product, size) => product * size);
  return tensor(Float32Array.from({ length }, next), shape);
};
const images = draw([8, 56, 56, 64]);
const rows = draw([512, 768]);
const { params, state } = initBatchNorm(64);

const CALLS: Readonly<Record<string, (runtime: Runtime) => unknown>> = {
  "batchNorm inference 8x56x56x64": (runtime) =>
    batchNorm(images, params, state, { training: false, runtime }),
  "batchNorm training 8x56x56x64": (runtime) => batchNorm(images, params, state, { runtime }),
  "groupNorm 32 8x56x56x64": (runtime) => groupNorm(images, {}, { groups: 32, runtime }),
  "layerNorm 512x768": (runtime) => layerNorm(rows, {}, { runtime }),
  ...gdnOf(16, 64),
  ...gdnOf(4096, 64),
  ...gdnOf(1024, 192),
  ...gdnOf(4096, 192),
  ...gdnOf(1024, 512),
};

function gdnOf(positions: number, channels: number): Record<string, (runtime: Runtime) => unknown> {
  const x = draw([positions, channels]);
  const params = initGdn(channels);
  return { [`gdn ${positions}x${channels}`]: (runtime) => gdn(x, params, { runtime }) };
}

/** A verdict for each call, with plain arrays. */
export async function threads(): Promise<Verdict[]> {
  await using one = await createRuntime({ backend: "wasm" });
  await using two = await createRuntime({ backend: "wasm", threads: 2 });
  const verdicts: Verdict[] = [];
  for (const [what, call] of Object.entries(CALLS)) {
    console.error(`${what}: two threads and one ...`);
    const times: [number[], number[]] = [[], []];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      if (round === 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const start = performance.now();
        await call(at === 0 ? one : two);
        if (round >= 0) times[at].push(performance.now() - start);
      }
    }
    verdicts.push(verdictOn(what, ...times));
  }
  return verdicts;
}

/** A verdict on the times with one thread and with two. */
export function verdictOn(what: string, one: readonly number[], two: readonly number[]): Verdict {
  const ratio = median(two) / median(one);
  const least = lowerEighth(two) / lowerEighth(one);
  const met = ratio <= MOST;
  const steady = met === least <= MOST || Math.max(ratio / least, least / ratio) <= AGREE;
  return {
    what: `${what}: two threads to one`,
    bar: `<= ${MOST}x`,
    measured: `${ratio.toFixed(2)}x, lower eighths ${least.toFixed(2)}x`,
    outcome: steady ? outcomeOf(met) : "unsteady",
  };
}
