/**
 * Local contrast normalization of a picture, on every backend that is there.
 *
 *     deno task demo [image.png] [output.png]
 *
 * Every point's 5 x 5 neighbourhood becomes 25 channels; GDN divides them by the local contrast and
 * IGDN multiplies back; group norm and batch norm run over the picture's tiles, in one pipeline with
 * the state threaded from tile to tile. Each backend is compared with float64, and the picture is
 * written with its contrasts before and after GDN.
 *
 * @module
 */
import { createRuntime, type Runtime, type Tensor } from "../mod.ts";
import { CENTRE, CHANNELS, contrasts, tilesOf } from "./demo/patches.ts";
import { differences, referenceStages, type Results, runStages } from "./demo/stages.ts";
import { argumentsOf, readPicture, reason, run, statusLine } from "./shared/command.ts";
import { encodeRow, type Picture, shrunk } from "./shared/image.ts";
import { openOutput } from "./shared/output.ts";

const USAGE = "Usage: deno task demo [image.png] [output.png]";

const status = statusLine(Deno.stdout);

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { files } = argumentsOf(args, USAGE, {}, 2);
  const here = import.meta.dirname!;
  const [input = `${here}/sample.png`, output = `${here}/demo_out.png`] = files;
  const picture = await inputPicture(input);
  await using file = await openOutput(output);
  const x = contrasts(picture);
  const tiles = tilesOf(x);
  const expected = referenceStages(x, tiles, progressOf("float64"));
  finishProgress("float64", "reference computed");
  reportInverse(x, expected);
  let results = expected;
  for (const backend of ["webgpu", "wasm", "cpu"] as const) {
    const runtime = await open(backend);
    if (runtime === undefined) continue;
    results = await race(runtime, x, tiles, expected);
    await runtime.dispose();
  }
  const before = contrastPicture(picture, x.data);
  const after = contrastPicture(picture, results.forward);
  await file.write(encodeRow([picture, before, after]));
  console.log(`wrote ${output}: the picture, its contrasts, and these after GDN`);
}

/** The picture of a file, made smaller if it has to be. */
async function inputPicture(path: string): Promise<Picture> {
  const decoded = await readPicture(path);
  const { picture, factor } = shrunk(decoded);
  const note = factor > 1 ? `, shrunk ${factor} times to ${picture.width} x ${picture.height}` : "";
  console.log(`${path}: ${decoded.width} x ${decoded.height}${note}`);
  return picture;
}

async function open(backend: "webgpu" | "wasm" | "cpu"): Promise<Runtime | undefined> {
  try {
    return await createRuntime({ backend });
  } catch (error) {
    console.log(`${backend.padEnd(8)}${reason(error)}`);
    return undefined;
  }
}

/** Runs every stage on one backend and prints how long it took and how far it is from float64. */
async function race(
  runtime: Runtime,
  x: Tensor,
  tiles: readonly Tensor[],
  expected: Results,
): Promise<Results> {
  const { backend, device } = runtime.stats();
  const start = performance.now();
  const results = await runStages(x, tiles, runtime, progressOf(backend));
  const time = `${Math.round(performance.now() - start)} ms`;
  const far = Object.entries(differences(results, expected));
  const most = Math.max(...far.map(([, by]) => by));
  finishProgress(backend, `${time.padStart(8)}  ${device}`);
  const parts = far.map(([name, by]) => `${name} ${by.toExponential(1)}`);
  console.log(
    `        largest difference from float64 ${most.toExponential(1)} (${parts.join(", ")})`,
  );
  return results;
}

/** IGDN is one step towards the inverse of GDN: says how far it comes. */
function reportInverse(x: Tensor, { back }: Results): void {
  let error = 0;
  let size = 0;
  for (let i = 0; i < x.data.length; i++) {
    error += (back[i] - x.data[i]) ** 2;
    size += x.data[i] ** 2;
  }
  const share = size === 0 ? 0 : Math.sqrt(error / size);
  console.log(
    `IGDN, one step back from GDN, leaves ${(100 * share).toFixed(0)} % of the contrast unrestored`,
  );
}

/** The contrast of every point: grey is 0, black and white are three root mean squares away. */
function contrastPicture({ width, height }: Picture, channels: ArrayLike<number>): Picture {
  const own = Float32Array.from(
    { length: width * height },
    (_, i) => channels[i * CHANNELS + CENTRE],
  );
  const unit = Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 0) / own.length) || 1;
  return { width, height, data: own.map((value) => 0.5 + value / (6 * unit)) };
}

/** Shows the stage at work: on a terminal in place, elsewhere one line for every eighth of them. */
function progressOf(name: string): (stage: string) => void {
  let count = 0;
  return (stage) => {
    const line = `${name.padEnd(8)}${stage}`;
    if (status.isLive) status.show(line);
    else if (count++ % 8 === 0) status.show(`${line} …`);
  };
}

function finishProgress(name: string, result: string): void {
  status.show(`${name.padEnd(8)}${result}`, true);
}
