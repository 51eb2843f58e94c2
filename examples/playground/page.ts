/**
 * The page's controls: what they say goes to the worker, and what it answers is drawn.
 *
 * @module
 */
/// <reference lib="dom" />
import { drawBars, drawPicture, drawRace, short } from "./draw.ts";
import type { Failure, Found, Lap, Reply, Request } from "./messages.ts";
import { BACKENDS, isGdn, type Op, OP_NAMES, type Settings, STABILISERS } from "./settings.ts";

/** Milliseconds after which the page says that it computes. */
const PATIENCE = 300;

/** Milliseconds after which a worker that has not begun is held up by a call that nobody wants. */
const STUCK = 1000;

const results = byId("results");
const controls = byId("controls");
const opControl = byId<HTMLSelectElement>("op");
const fileControl = byId<HTMLInputElement>("file");

let worker = hired();
/** Whether the worker has come as far as to tell its backends. */
let ready = false;
let patience: ReturnType<typeof setTimeout> | undefined;
let relief: ReturnType<typeof setTimeout> | undefined;
let file: Blob | undefined;
let image = 0;
let id = 0;
let found: readonly Found[] = [];
let laps: (Lap | Failure)[] = [];

opControl.append(...Object.entries(OP_NAMES).map(([value, name]) => new Option(name, value)));
byId("backend").append(...BACKENDS.map((backend) => new Option(backend, backend)));
showControls();

controls.addEventListener("submit", (event) => event.preventDefault());
controls.addEventListener("input", ({ target }) => {
  if (target === fileControl) return;
  if (target === opControl) {
    const op = opControl.value as Op;
    if (!isGdn(op)) byId<HTMLInputElement>("stabiliser").value = String(STABILISERS[op]);
    showControls();
  }
  ask();
});
fileControl.addEventListener("change", () => take(fileControl.files?.[0]));
addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", ({ relatedTarget }) => {
  if (relatedTarget === null) document.body.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const dropped = event.dataTransfer?.files[0];
  if (dropped === undefined) showError("Cannot take what was dropped: it must be an image file");
  else take(dropped);
});
await takeSample();

async function takeSample(): Promise<void> {
  try {
    const response = await fetch("sample.png");
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    if (file === undefined) take(await response.blob());
  } catch (error) {
    showError(`Cannot load the sample: ${(error as Error).message}`);
  }
}

/** Goes on with another image. */
function take(taken: Blob | undefined): void {
  if (taken === undefined) return;
  file = taken;
  image++;
  ask();
}

/** Asks the worker for what the controls say. */
function ask(): void {
  if (file === undefined) return;
  results.setAttribute("aria-busy", "true");
  clearTimeout(patience);
  patience = setTimeout(() => byId("status").textContent = "Computing …", PATIENCE);
  const request: Request = { id: ++id, file, image, settings: settings() };
  worker.postMessage(request);
  clearTimeout(relief);
  if (ready) relief = setTimeout(() => relieve(request), STUCK);
}

function hired(): Worker {
  const worker = new Worker("worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => hear(data));
  worker.addEventListener("error", ({ message }) => showError(`The worker has failed: ${message}`));
  return worker;
}

/** Puts another worker in the place of one that is held up. */
function relieve(request: Request): void {
  worker.terminate();
  ready = false;
  worker = hired();
  worker.postMessage(request);
}

function settings(): Settings {
  const text = (name: string) => byId<HTMLInputElement>(name).value;
  const number = (name: string) => byId<HTMLInputElement>(name).valueAsNumber;
  return {
    op: opControl.value as Op,
    channels: text("channels") as Settings["channels"],
    dataFormat: text("dataFormat") as Settings["dataFormat"],
    tiles: Number(text("tiles")),
    groups: number("groups"),
    stabiliser: number("stabiliser"),
    alpha: number("alpha"),
    epsilon: number("epsilon"),
    back: byId<HTMLInputElement>("back").checked,
    backend: text("backend") as Settings["backend"],
  };
}

/** Shows the controls that the op has. */
function showControls(): void {
  for (const control of controls.querySelectorAll<HTMLElement>("[data-for]")) {
    control.hidden = !control.dataset.for!.split(" ").includes(opControl.value);
  }
}

/** Takes an answer; those to older questions are out of date. */
function hear(reply: Reply): void {
  if (reply.kind === "backends") {
    ({ found } = reply);
    ready = true;
    for (const one of found) {
      const option = byId("backend").querySelector<HTMLOptionElement>(`[value=${one.backend}]`)!;
      option.disabled = "reason" in one;
      if (option.disabled) option.textContent = `${one.backend} (not here)`;
    }
  } else if (reply.id !== id) return;
  else if (reply.kind === "begun") clearTimeout(relief);
  else if (reply.kind === "failed") showError(reply.message);
  else if (reply.kind === "result") showResult(reply);
  else if (reply.kind === "lap") laps.push(reply.lap);
  else showWinner();
  drawRace(byId("race").querySelector("tbody")!, found, laps);
}

function showError(message: string): void {
  clearTimeout(patience);
  Object.assign(byId("error"), { hidden: false, textContent: message });
  byId("status").textContent = "No result for these settings; what is below is the last one.";
  results.classList.add("stale");
  results.setAttribute("aria-busy", "false");
  laps = [];
  byId("race-status").textContent = "";
}

function showResult(result: Extract<Reply, { kind: "result" }>): void {
  const { before, after, histograms, shape, backend, device, passedOver, explanation } = result;
  clearTimeout(patience);
  Object.assign(byId("error"), { hidden: true, textContent: "" });
  results.classList.remove("stale");
  results.setAttribute("aria-busy", "false");
  const where = device === backend ? backend : `${backend} (${device})`;
  byId("status").textContent = `${OP_NAMES[opControl.value as Op]} of a tensor of ${
    shape.join(" × ")
  } on ${where}.`;
  Object.assign(byId("passed-over"), {
    hidden: passedOver.length === 0,
    textContent: `“auto” passed over ${passedOver.join("; ")}.`,
  });
  byId("explanation").textContent = explanation;
  const pictures = { before, after };
  for (const [i, name] of (["before", "after"] as const).entries()) {
    drawPicture(byId<HTMLCanvasElement>(name), pictures[name]);
    const [svg, axis, facts] = ["bars", "axis", "facts"].map((part) => byId(`${part}-${name}`));
    drawBars(svg as Element as SVGElement, axis, facts, histograms[i]);
  }
  laps = [];
  byId("race-status").textContent = "Racing …";
}

function showWinner(): void {
  const ended = laps.flatMap((lap) => "time" in lap ? [lap] : []);
  const [first, ...others] = ended.sort((a, b) => a.time - b.time);
  const last = others.at(-1);
  byId("race-status").textContent = last === undefined
    ? `Only ${first.backend} has run.`
    : `${first.backend} is fastest: ${
      short(last.time / first.time, 2)
    } times as fast as ${last.backend}.`;
}

function byId<E extends HTMLElement = HTMLElement>(name: string): E {
  return document.getElementById(name) as E;
}
