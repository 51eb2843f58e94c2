/**
 * The photograph that the playground shows at the start, and what GDN makes of pictures.
 *
 * @module
 */
import { gdn, type GdnOptions } from "../../../mod.ts";
import { CENTRE, CHANNELS, contrastParams, contrasts } from "../../../examples/demo/patches.ts";
import { PHOTOGRAPHS } from "../../../examples/shared/photographs.ts";
import { decodePicture, type Picture } from "../../../examples/shared/image.ts";

const FILE = new URL(`../../../examples/${PHOTOGRAPHS[0].source}`, import.meta.url);

/** Its luminance, from 0 to 1. */
export async function photograph(): Promise<Picture> {
  return await decodePicture(await Deno.readFile(FILE));
}

/** GDN of the contrasts of a picture's points, as far as it is drawn: at the centres. */
export async function centresOf(picture: Picture, options: GdnOptions): Promise<Float32Array> {
  const y = await gdn(contrasts(picture), contrastParams(), options);
  return y.data.filter((_, i) => i % CHANNELS === CENTRE);
}
