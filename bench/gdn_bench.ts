/**
 * GDN on 4096 positions of 192 channels against a plain loop. The answers are checked against the
 * loop before anything is timed.
 */
import { createRuntime, gdn, gdnParams, initGdn, tensor } from "../mod.ts";

const [POSITIONS, CHANNELS] = [4096, 192];
const x = tensor(
  new Float32Array(POSITIONS * CHANNELS).map((_, i) => Math.sin(i)),
  [1, POSITIONS, CHANNELS],
);
const params = gdnParams(initGdn(CHANNELS));

function plainLoop(): Float32Array {
  const [beta, gamma, y] = [params.beta.data, params.gamma.data, new Float32Array(x.data.length)];
  for (let row = 0; row < y.length; row += CHANNELS) {
    for (let i = 0; i < CHANNELS; i++) {
      let u = beta[i];
      for (let j = 0; j < CHANNELS; j++) u += gamma[j * CHANNELS + i] * x.data[row + j] ** 2;
      y[row + i] = x.data[row + i] / Math.sqrt(u);
    }
  }
  return y;
}

const group = `gdn NHWC ${POSITIONS}x${CHANNELS}`;
const expected = plainLoop();
Deno.bench({ group, name: "plain loop", baseline: true, fn: () => void plainLoop() });
for (const backend of ["wasm", "webgpu"] as const) {
  const runtime = await createRuntime({ backend }).catch(() => undefined);
  if (runtime === undefined) continue;
  const { data } = await gdn(x, params, { runtime });
  const wrong = data.findIndex((v, i) => !(Math.abs(v - expected[i]) <= 1e-5));
  if (wrong >= 0) throw new Error(`${backend} must agree with the loop, got ${data[wrong]}`);
  const name = `${backend} (${runtime.stats().device})`;
  Deno.bench({ group, name, fn: async () => void (await gdn(x, params, { runtime })) });
}
