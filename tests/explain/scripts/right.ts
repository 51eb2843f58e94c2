/**
 * A script for `deno task explain`: two plans, one of them run twice.
 *
 * @module
 */
import { gdn, initGdn, pipeline, tensor } from "../../../mod.ts";

const x = tensor(Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)), [2, 4, 4, 3]);
const params = initGdn(3);
await gdn(x, params);
const y = await gdn(x, params);
await pipeline((ops, input: typeof y) => ops.layerNorm(ops.mul(input, input)))(y);
