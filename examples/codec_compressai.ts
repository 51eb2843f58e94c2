/**
 * A learned image codec that was trained with CompressAI, in TensorFlow.js.
 *
 *     deno task codec-compressai [picture.png] [--out=decoded.png]
 *
 * TensorFlow.js computes the strided and transposed convolutions, kernorm GDN and IGDN between them: on
 * one device of WebGPU where there is a graphics card, else both on WebAssembly. The picture is encoded,
 * rounded and decoded; the rate is what the model's own distributions give for the rounded numbers, as
 * nothing here writes them to a file. `codec_compressai/train.py` made the model, which is a small one
 * that was trained for minutes.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { openCodec } from "./codec_compressai/codec.ts";
import { encodeColours, ratio } from "./codec_compressai/picture.ts";
import { openPlace } from "./codec_compressai/place.ts";
import { readWeights } from "./codec_compressai/weights.ts";
import { ExampleError, parsedArguments, progress, readColours, run } from "./shared/command.ts";
import { openOutput } from "./shared/output.ts";

const USAGE = "Usage: deno task codec-compressai [picture.png] [--out=decoded.png]";
const HERE = new URL(".", import.meta.url);
const PICTURE = fileURLToPath(new URL("codec_compressai/chelsea.png", HERE));
const OUT = fileURLToPath(new URL("codec_compressai_out.png", HERE));
const WEIGHTS = new URL("codec_compressai/weights.safetensors", HERE);

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals: [path = PICTURE, ...others] } = parsedArguments(
    args,
    ["out"],
    USAGE,
  );
  const { out = OUT } = values;
  if (others.length > 0 || out === "") throw new ExampleError(USAGE);
  const tell = progress(3);
  const picture = await readColours(path);
  await using output = await openOutput(out);
  tell(0, "starting TensorFlow.js");
  await using place = await openPlace();
  using codec = openCodec(place, readWeights(await Deno.readFile(WEIGHTS)));
  tell(1, "encoding");
  const code = await codec.encode(picture).catch((error) => {
    if (error instanceof RangeError) throw new ExampleError(error.message);
    throw error;
  });
  tell(2, "decoding");
  const decoded = await codec.decode(code);
  tell(3, "done");
  const { width, height, shape, bits } = code;
  const where = place.layers === undefined ? "on the graphics card" : "on WebAssembly";
  console.log(`${path}: ${width} x ${height} points, ${where}`);
  console.log(
    `${shape.join(" x ")} numbers, an estimated ${
      (bits / (width * height)).toFixed(3)
    } bits per point, ${Math.ceil(bits / 8)} bytes in all`,
  );
  console.log(`PSNR ${ratio(picture, decoded).toFixed(2)} dB`);
  await output.write(encodeColours(decoded));
  console.log(`wrote ${out}`);
}
