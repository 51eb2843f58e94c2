/**
 * Codes and decodes the pictures of the page, away from it. Of several that wait only the newest counts.
 *
 * @module
 */
/// <reference lib="dom" />
import { type Codec, openCodec } from "../../codec_compressai/codec.ts";
import { ratio } from "../../codec_compressai/picture.ts";
import { openPlace } from "../../codec_compressai/place.ts";
import { readWeights } from "../../codec_compressai/weights.ts";
import type { Picture } from "../../shared/image.ts";
import { answerNewest } from "../newest.ts";
import { decodeColours, drawingOf } from "../picture.ts";
import type { Outcome, Reply, Request } from "./messages.ts";

let opened: Promise<{ readonly codec: Codec; readonly onCard: boolean }> | undefined;

answerNewest(answer);

function tell(reply: Reply): void {
  postMessage(reply);
}

async function answer({ id, file }: Request, isNewest: () => boolean): Promise<void> {
  /** Lets messages in, and says whether this request still counts. */
  const goesOn = async (what: string) => {
    tell({ kind: "doing", id, what });
    await new Promise((resolve) => setTimeout(resolve));
    return isNewest();
  };
  try {
    const planes = await decodeColours(file);
    tell({ kind: "taken", id, before: drawingOf(planes) });
    if (!await goesOn("Starting TensorFlow.js …")) return;
    opened ??= open();
    const { codec, onCard } = await opened;
    if (!await goesOn("Encoding …")) return;
    const picture = interleaved(planes);
    const start = performance.now();
    const code = await codec.encode(picture);
    const encoding = performance.now() - start;
    if (!await goesOn("Decoding …")) return;
    const middle = performance.now();
    const decoded = await codec.decode(code);
    const decoding = performance.now() - middle;
    const outcome: Outcome = {
      after: drawingOf(planesOf(decoded)),
      shape: code.shape,
      bits: code.bits,
      ratio: ratio(picture, decoded),
      encoding,
      decoding,
      onCard,
    };
    tell({ kind: "decoded", id, ...outcome });
  } catch (error) {
    tell({ kind: "failed", id, message: error instanceof Error ? error.message : String(error) });
  }
}

async function open() {
  try {
    const folder = new URL("./", location.href).href;
    const [place, response] = await Promise.all([
      openPlace({ folder }),
      fetch(`${folder}weights.safetensors`),
    ]);
    if (!response.ok) {
      throw new Error(`Cannot load the codec: the server answered ${response.status}`);
    }
    const weights = readWeights(new Uint8Array(await response.arrayBuffer()));
    return { codec: openCodec(place, weights), onCard: place.layers === undefined };
  } catch (error) {
    opened = undefined; // the next picture tries once more
    throw error;
  }
}

/** One picture of three colours, of three pictures. */
function interleaved(planes: readonly Picture[]): Picture {
  const { width, height } = planes[0];
  const data = Float32Array.from(
    { length: planes.length * width * height },
    (_, i) => planes[i % planes.length].data[Math.floor(i / planes.length)],
  );
  return { width, height, data };
}

/** Three pictures, of one picture of three colours. */
function planesOf({ width, height, data }: Picture): Picture[] {
  return [0, 1, 2].map((c) => ({
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => data[3 * i + c]),
  }));
}
