/**
 * Shows a result, that one is being computed, or why there is none.
 *
 * @module
 */
/// <reference lib="dom" />
import { drawHistogram, drawPicture } from "./draw.ts";
import type { Result } from "./messages.ts";
import { byId } from "./page_parts.ts";
import { isGdn, OP_NAMES, type Settings } from "./settings.ts";

/** Milliseconds after which the page says that it computes. */
const PATIENCE = 300;

let patience: ReturnType<typeof setTimeout> | undefined;
let hasResult = false;

/** What is in sight is not yet what was asked for. */
export function showBusy(): void {
  byId("results").setAttribute("aria-busy", "true");
  clearTimeout(patience);
  patience = setTimeout(() => byId("status").textContent = "Computing …", PATIENCE);
}

/** Shows what was computed for some settings. */
export function showResult(result: Result, settings: Settings): void {
  const { before, after, histograms, shape, backend, device, passedOver } = result;
  end();
  hasResult = true;
  Object.assign(byId("error"), { hidden: true, textContent: "" });
  document.querySelector("main")!.classList.remove("stale");
  byId<HTMLButtonElement>("download").disabled = false;
  const where = device === backend ? backend : `${backend} (${device})`;
  byId("status").textContent = `${OP_NAMES[settings.op]} of a tensor of ${
    shape.join(" × ")
  } on ${where}.`;
  Object.assign(byId("passed-over"), {
    hidden: passedOver.length === 0,
    textContent: `“auto” passed over ${passedOver.join("; ")}.`,
  });
  byId("explanation").textContent = result.explanation;
  byId("code").textContent = result.code;
  drawPicture(byId<HTMLCanvasElement>("before"), before);
  drawPicture(byId<HTMLCanvasElement>("after"), after);
  const unit = isGdn(settings.op) ? "contrast, 1 from black to white" : "0 is black, 1 is white";
  drawHistogram("before", histograms[0], unit);
  drawHistogram("after", histograms[1], "of the result, no unit");
}

/** Says why there is no result. */
export function showError(message: string): void {
  end();
  Object.assign(byId("error"), { hidden: false, textContent: message });
  byId("status").textContent = hasResult
    ? "No result for these settings; what is shown is the last one."
    : "No result for these settings.";
  document.querySelector("main")!.classList.add("stale");
  byId<HTMLButtonElement>("download").disabled = true;
}

function end(): void {
  clearTimeout(patience);
  byId("results").setAttribute("aria-busy", "false");
}
