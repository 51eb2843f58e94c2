import {
  activations,
  batchNorm,
  createRuntime,
  gdn,
  groupNorm,
  initBatchNorm,
  layerNorm,
  type Runtime,
  tensor,
} from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { random } from "../support/random.ts";

/** SHA-256 over the bits of every result below; it holds for every engine and processor. */
const HASH = "6807d86153ca5e400f93b880ee7e8d54fa9b522bba03248bcad9648318d94ac7";

const SHAPES = { NHWC: [2, 45, 35, 24], NCHW: [2, 24, 45, 35] } as const;

/** Every kind of kernel on fixed input, so much of it that threads are woken. */
async function results(runtime: Runtime): Promise<Float32Array[]> {
  const next = random(2026);
  const draw = (length: number, scale = 1, offset = 0) =>
    Float32Array.from({ length }, () => (next() - 0.5) * scale + offset);
  const data = draw(2 * 45 * 35 * 24, 2, 100);
  const beta = draw(24);
  const gamma = draw(24, 1, 1);
  const params = { beta: draw(24, 1, 2), gamma: tensor(draw(576, 0.1, 0.06), [24, 24]) };
  const all: Float32Array[] = [];
  for (const [dataFormat, shape] of [["NHWC", SHAPES.NHWC], ["NCHW", SHAPES.NCHW]] as const) {
    const x = tensor(data, shape);
    for (const [alpha, epsilon] of [[2, 0.5], [1, 1], [1.5, 0.75]]) {
      for (const inverse of [false, true]) {
        all.push(
          (await gdn(x, params, {
            dataFormat,
            alphaParameter: alpha,
            epsilonParameter: epsilon,
            inverse,
            runtime,
          })).data,
        );
      }
    }
    for (const activation of activations) {
      const options = { dataFormat, activation, groups: 6, runtime } as const;
      all.push((await groupNorm(x, { beta, gamma }, options)).data);
    }
    const { params: affine, state } = initBatchNorm(24, { scale: true });
    const { y, state: { movingMean, movingVariance } } = await batchNorm(x, affine, state, {
      dataFormat,
      runtime,
    });
    all.push(y.data, movingMean.data, movingVariance.data);
    all.push((await layerNorm(x, {}, { center: false, scale: false, runtime })).data);
  }
  return all;
}

async function hashOf(arrays: readonly Float32Array[]): Promise<string> {
  const bytes = await new Blob(arrays.map((array) => array.slice())).arrayBuffer();
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("deterministic runtimes", () => {
  for (const threads of [1, 2]) {
    it(`give the same bits as ever with ${threads} thread(s)`, async () => {
      await using runtime = await createRuntime({ deterministic: true, threads });
      assertEquals(runtime.backend, "wasm");
      assertEquals(await hashOf(await results(runtime)), HASH);
    });
  }
});
