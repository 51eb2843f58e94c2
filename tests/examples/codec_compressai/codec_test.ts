import { assert, assertEquals, assertRejects } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { type Codec, openCodec } from "../../../examples/codec_compressai/codec.ts";
import { fitted, ratio } from "../../../examples/codec_compressai/picture.ts";
import { openPlace, type Place } from "../../../examples/codec_compressai/place.ts";
import { readWeights } from "../../../examples/codec_compressai/weights.ts";
import type { Picture } from "../../../examples/shared/image.ts";
import { skipOf } from "../../support/backends.ts";
import { assertClose, largest } from "../../support/close.ts";
import { picture, reference, weightsFile } from "./reference.ts";

/**
 * Four convolutions of up to 1600 terms and three GDNs, in float32 here and there: their sums are rounded
 * in another order.
 */
const ROUNDING = 2e-6;
/** Of a value from 0 to 255. */
const PIXEL = 1e-3;

for (const backend of ["wasm", "webgpu"] as const) {
  const skip = backend === "webgpu" ? skipOf("webgpu") : undefined;
  const test = skip === undefined ? it : it.skip;
  const suffix = skip === undefined ? "" : `: ${skip}`;

  describe(`the codec on ${backend}`, () => {
    let place: Place;
    let codec: Codec;
    before(async () => {
      if (skip !== undefined) return;
      place = await openPlace({ backend });
      codec = openCodec(place, readWeights(weightsFile));
    });
    after(async () => {
      codec?.[Symbol.dispose]();
      await place?.[Symbol.asyncDispose]();
    });

    test(`analyses a picture as CompressAI does${suffix}`, async () => {
      const { shape, data } = await codec.analyse(picture);
      assertEquals(shape, [1, ...reference.y.shape]);
      assertClose(data, reference.y.data, ROUNDING * largest(reference.y.data));
    });

    test(`rounds to the same numbers, and decodes them to what CompressAI does${suffix}`, async () => {
      const code = await codec.encode(picture);
      assertEquals(code.shape, reference.rounded.shape);
      const decoded = await codec.decode(code);
      assertEquals([decoded.width, decoded.height], [picture.width, picture.height]);
      assertClose(scaled(decoded.data), scaled(reference.decoded.data), PIXEL);
      const theirs = { ...decoded, data: reference.decoded.data as Float32Array };
      assertClose([ratio(picture, decoded)], [ratio(picture, theirs)], 1e-4, "the PSNR");
    });

    test(`estimates CompressAI's rate${suffix}`, async () => {
      const { bits } = await codec.encode(picture);
      const expected = reference.likelihoods.data.reduce((sum, mass) => sum - Math.log2(mass), 0);
      assertClose([bits / expected], [1], 1e-5);
    });

    test(`frees its tensors${suffix}`, async () => {
      const { tf } = place;
      const { numTensors } = tf.memory();
      const second = openCodec(place, readWeights(weightsFile));
      const held = tf.memory().numTensors;
      const code = await second.encode(picture);
      await second.decode(code);
      assertEquals(tf.memory().numTensors, held);
      await assertRejects(() =>
        second.decode({ ...code, shape: [1, 1, 2], steps: new Int32Array(2) })
      );
      assertEquals(tf.memory().numTensors, held);
      second[Symbol.dispose]();
      assertEquals(tf.memory().numTensors, numTensors);
    });

    test(`takes pictures of any size, whose last row and column it repeats${suffix}`, async () => {
      const odd = fitted(picture, 37, 19);
      const code = await codec.encode(odd);
      assertEquals(code.shape.slice(0, 2), [2, 3]);
      assertEquals([...code.steps], [...(await codec.encode(fitted(odd, 48, 32))).steps]);
      const decoded = await codec.decode(code);
      assertEquals([decoded.width, decoded.height], [37, 19]);
      assert(ratio(odd, decoded) > 20);
    });

    test(`refuses what has no or too many points${suffix}`, async () => {
      const sizes: [width: number, height: number][] = [[0, 4], [4096, 1025]];
      for (const [width, height] of sizes) {
        const empty: Picture = { width, height, data: new Float32Array(0) };
        const error = await assertRejects(() => codec.encode(empty), RangeError) as Error;
        assertEquals(
          error.message,
          `Cannot encode a picture: it must have 1 to 4194304 points, got ${width} x ${height}`,
        );
      }
    });
  });
}

function scaled(data: ArrayLike<number>): Float64Array {
  return Float64Array.from(data, (value) => 255 * value);
}
