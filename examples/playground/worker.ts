/**
 * Computes what the page asks for, away from it. Only the newest request counts: an older one is given
 * up at its next pause.
 *
 * @module
 */
/// <reference lib="dom" />
import { CONTRAST_POOL } from "../demo/patches.ts";
import type { Picture } from "../shared/image.ts";
import { callOf } from "./apply.ts";
import { findBackends, runtimeOf } from "./backends.ts";
import { codeOf } from "./code.ts";
import { explanationOf } from "./explain.ts";
import { histogram } from "./histogram.ts";
import type { Reply, Request, Result } from "./messages.ts";
import { answerNewest } from "./newest.ts";
import { decodeColours, drawingOf, luminanceOf, scaled } from "./picture.ts";
import { race } from "./race.ts";
import type { Settings } from "./settings.ts";
import { cropped, planesOf, tensorOf } from "./tensors.ts";
import type { Tensor } from "../../mod.ts";

/** Thrown at a pause when a newer request waits. */
class Outdated extends Error {}

/** The backends that are there. */
const present = findBackends().then((found) => {
  tell({ kind: "backends", found });
  return found.flatMap((one) => "device" in one ? [one.backend] : []);
});
let decoded: { readonly image: number; readonly colours: readonly Picture[] } | undefined;

answerNewest(answer);

function tell(reply: Reply): void {
  postMessage(reply);
}

async function answer(request: Request, isNewest: () => boolean): Promise<void> {
  const { id, settings } = request;
  /** Lets messages in. */
  const pause = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    if (!isNewest()) throw new Outdated();
  };
  tell({ kind: "begun", id });
  try {
    await pause();
    const colours = await coloursOf(request);
    await pause();
    const planes = settings.channels === "rgb" ? colours : [luminanceOf(colours)];
    const shown = cropped(planes, settings);
    const x = tensorOf(shown, settings);
    await pause();
    tell({ kind: "result", id, ...await compute(shown, x, settings) });
    for await (const lap of race(x, settings, await present, pause)) {
      tell({ kind: "lap", id, lap });
    }
    tell({ kind: "raced", id });
  } catch (error) {
    if (error instanceof Outdated) return;
    tell({ kind: "failed", id, message: error instanceof Error ? error.message : String(error) });
  }
}

async function coloursOf({ image, file }: Request): Promise<readonly Picture[]> {
  if (decoded?.image !== image) decoded = { image, colours: await decodeColours(file) };
  return decoded.colours;
}

async function compute(
  planes: readonly Picture[],
  x: Tensor,
  settings: Settings,
): Promise<Result> {
  const runtime = await runtimeOf(settings.backend);
  const call = await callOf(x, settings, runtime);
  const y = await call.run();
  const { backend, device, fallbackReasons } = runtime.stats();
  return {
    before: drawingOf(planes),
    after: drawingOf(scaled(planesOf(y, planes, settings))),
    histograms: [histogram(x.data), histogram(y.data)],
    backend,
    device,
    passedOver: fallbackReasons,
    shape: x.shape,
    explanation: explanationOf(settings),
    code: codeOf(settings, { shape: x.shape, pool: CONTRAST_POOL, ...call }),
  };
}
