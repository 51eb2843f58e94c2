import { describe } from "@std/testing/bdd";
import { batchNorm, gdn, groupNorm, initBatchNorm, initGdn, type Tensor } from "../../mod.ts";
import { type BackendName, itOnEachBackend } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

/** More than 2^24 elements, beyond which float32 cannot count: 2^24 + 2^20, in 16 channels. */
const SAMPLES = 17;
const POSITIONS = 2 ** 16;
const CHANNELS = 16;

/** A value for each element that an index off by one would change, with known moments. */
function valueAt(n: number, c: number, s: number): number {
  return ((n * 7 + c * 5 + s * 3) % 32) - 15.5 + 100 * c;
}

function largeTensor(format: "NWC" | "NCW"): Tensor {
  const data = new Float32Array(SAMPLES * POSITIONS * CHANNELS);
  let i = 0;
  const [outer, inner] = format === "NWC" ? [POSITIONS, CHANNELS] : [CHANNELS, POSITIONS];
  for (let n = 0; n < SAMPLES; n++) {
    for (let a = 0; a < outer; a++) {
      for (let b = 0; b < inner; b++) {
        data[i++] = format === "NWC" ? valueAt(n, b, a) : valueAt(n, a, b);
      }
    }
  }
  return { shape: [SAMPLES, outer, inner], data };
}

/** Where the last elements of a large tensor lie, and a few on the way. */
const PROBES = [
  0,
  1,
  2 ** 20 + 3,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 24 + 1,
  2 ** 24 + 2 ** 19 + 5,
  -2,
  -1,
];

/** Sample, channel and position of an element. */
function placeOf(i: number, format: "NWC" | "NCW"): [number, number, number] {
  const inner = format === "NWC" ? CHANNELS : POSITIONS;
  const outer = format === "NWC" ? POSITIONS : CHANNELS;
  const n = Math.floor(i / inner / outer);
  const a = Math.floor(i / inner) % outer;
  const b = i % inner;
  return format === "NWC" ? [n, b, a] : [n, a, b];
}

/** The 32 values of a channel are equally frequent: mean 100 c, variance (32^2 - 1) / 12. */
const DEVIATION = Math.sqrt((32 ** 2 - 1) / 12);

/**
 * Each test takes seconds, some 20 of them on the software renderers of a page: a backend has all of them in
 * one place, webgl2 in pages and the others in Deno, and elsewhere the shortest alone.
 */
const isHere = (backend: BackendName) => "Deno" in globalThis || backend === "webgl2";
const isAnywhere = () => true;

describe("tensors of more than 2^24 elements", () => {
  for (const format of ["NWC", "NCW"] as const) {
    itOnEachBackend(`are normalised right in ${format}`, async (runtime) => {
      const x = largeTensor(format);
      const probes = PROBES.map((i) => i < 0 ? x.data.length + i : i);
      const places = probes.map((i) => placeOf(i, format));
      const expected = places.map(([n, c, s]) => (valueAt(n, c, s) - 100 * c) / DEVIATION);
      const options = { dataFormat: format, epsilon: 0, runtime };

      const { y, state } = await batchNorm(x, {}, initBatchNorm(CHANNELS).state, {
        ...options,
        decay: 0,
      });
      assertClose(probes.map((i) => y.data[i]), expected, 2e-5, "batchNorm");
      const means = Array.from({ length: CHANNELS }, (_, c) => 100 * c);
      assertClose(state.movingMean.data, means, 1e-4, "movingMean");

      const grouped = await groupNorm(x, {}, { ...options, groups: CHANNELS });
      assertClose(probes.map((i) => grouped.data[i]), expected, 2e-5, "groupNorm");

      const divided = await gdn(x, initGdn(CHANNELS), { dataFormat: format, runtime });
      const pooled = places.map(([n, c, s]) =>
        valueAt(n, c, s) / Math.sqrt(1 + 0.1 * valueAt(n, c, s) ** 2)
      );
      assertClose(probes.map((i) => divided.data[i]), pooled, 1e-5, "gdn");
    }, isHere);
  }

  for (const format of ["NWC", "NCW"] as const) {
    itOnEachBackend(`along one axis are normalised right in ${format}`, async (runtime) => {
      const length = 2 ** 24 + 32;
      const data = Float32Array.from({ length }, (_, s) => valueAt(0, 0, s));
      const x = { shape: format === "NWC" ? [1, length, 1] : [1, 1, length], data };
      const { y } = await batchNorm(x, {}, initBatchNorm(1).state, {
        dataFormat: format,
        epsilon: 0,
        runtime,
      });
      const probes = [0, 1, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, length - 2, length - 1];
      assertClose(
        probes.map((s) => y.data[s]),
        probes.map((s) => valueAt(0, 0, s) / DEVIATION),
        2e-5,
      );
    }, format === "NWC" ? isAnywhere : isHere);
  }
});
