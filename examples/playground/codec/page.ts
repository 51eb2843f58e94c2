/**
 * The page of the codec: takes a picture, and shows what the worker makes of it.
 *
 * @module
 */
/// <reference lib="dom" />
import { drawPicture } from "../draw.ts";
import { takeDropped } from "../dropped.ts";
import { byId } from "../page_parts.ts";
import type { Outcome, Reply, Request } from "./messages.ts";

const main = byId("codec");
const results = byId("results");
const fileControl = byId<HTMLInputElement>("file");
const worker = new Worker("worker.js", { type: "module" });
let id = 0;

worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => hear(data));
worker.addEventListener("error", ({ message }) => showError(`The worker has failed: ${message}`));
byId("controls").addEventListener("submit", (event) => event.preventDefault());
fileControl.addEventListener("change", () => ask(fileControl.files?.[0]));
takeDropped(ask, () => showError("Cannot take what was dropped: it must be an image file"));
await takePhotograph();

async function takePhotograph(): Promise<void> {
  try {
    const response = await fetch("chelsea.png");
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    if (id === 0) ask(await response.blob());
  } catch (error) {
    showError(`Cannot load the photograph: ${(error as Error).message}`);
  }
}

function ask(file: Blob | undefined): void {
  if (file === undefined) return;
  results.setAttribute("aria-busy", "true");
  const request: Request = { id: ++id, file };
  worker.postMessage(request);
}

/** Takes an answer; those to older questions are out of date. */
function hear(reply: Reply): void {
  if (reply.id !== id) return;
  if (reply.kind === "failed") showError(reply.message);
  else if (reply.kind === "decoded") showOutcome(reply);
  else if (reply.kind === "taken") drawPicture(byId<HTMLCanvasElement>("before"), reply.before);
  else byId("status").textContent = reply.what;
}

function showError(message: string): void {
  Object.assign(byId("error"), { hidden: false, textContent: message });
  byId("status").textContent = "This picture was not coded; what is below is of another one.";
  main.classList.add("stale");
  results.setAttribute("aria-busy", "false");
}

function showOutcome({ after, shape, bits, ratio, encoding, decoding, onCard }: Outcome): void {
  Object.assign(byId("error"), { hidden: true, textContent: "" });
  main.classList.remove("stale");
  results.setAttribute("aria-busy", "false");
  drawPicture(byId<HTMLCanvasElement>("after"), after);
  const where = onCard ? "the graphics card" : "WebAssembly";
  byId("status").textContent = `Encoded in ${Math.round(encoding)} ms and decoded in ${
    Math.round(decoding)
  } ms on ${where}.`;
  const points = after.width * after.height;
  byId("facts").textContent = `${points} points became ${
    shape.join(" × ")
  } whole numbers, for which an ideal coder needs ${
    (bits / points).toFixed(3)
  } bits per point by the model's own estimate: ${
    Math.ceil(bits / 8)
  } bytes. The decoded picture has a PSNR of ${ratio.toFixed(2)} dB.`;
}
