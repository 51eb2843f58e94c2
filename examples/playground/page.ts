/**
 * The page: what its controls say goes to the worker, and what comes back is shown.
 *
 * @module
 */
/// <reference lib="dom" />
import { PHOTOGRAPHS } from "../shared/photographs.ts";
import { Client } from "./client.ts";
import * as controls from "./controls.ts";
import { drawRace } from "./draw_race.ts";
import { takeDropped } from "./dropped.ts";
import { choose, fillGallery, load } from "./gallery.ts";
import { type Choice, choiceOf, linkOf } from "./link.ts";
import type { Failure, Found, Lap, Reply } from "./messages.ts";
import { byId } from "./page_parts.ts";
import { showBusy, showError, showResult } from "./result.ts";
import { defaultsOf, type Settings } from "./settings.ts";
import { copy, download } from "./takeaway.ts";
import { verdictOf } from "./verdict.ts";

/** Milliseconds without a change after which the address bar has the link. */
const REST = 300;

const form = byId("controls");
const fileControl = byId<HTMLInputElement>("file");
const client = new Client(hear, fail);

let file: Blob | undefined;
let image = 0;
/** Name of the photograph that is shown; none where the picture is the user's own. */
let picture: string | undefined;
/** What the worker has been asked for last. */
let asked: Settings | undefined;
let rest: ReturnType<typeof setTimeout> | undefined;
let found: readonly Found[] = [];
let laps: (Lap | Failure)[] = [];

controls.fillLists();
fillGallery();

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", ({ target }) => {
  sayOfLink("");
  if (target === fileControl) return;
  if (target instanceof HTMLInputElement && target.name === "photograph") {
    showPhotograph(target.value);
  } else {
    controls.follow(target);
    ask();
  }
});
fileControl.addEventListener("change", () => takeOwn(fileControl.files?.[0]));
takeDropped(
  takeOwn,
  () => fail("Cannot show what was dropped: it must be a file of a picture"),
);
byId("download").addEventListener("click", () => {
  const { op } = asked!;
  download(byId<HTMLCanvasElement>("after"), `kernorm-${op}.png`).catch((error) =>
    fail(error.message)
  );
});
byId("copy-link").addEventListener("click", () => {
  showLink();
  copy(location.href, "the link");
});
byId("copy-code").addEventListener("click", () => {
  copy(byId("code").textContent!, "the code", byId("code"));
});
addEventListener("hashchange", restore);
restore();

/** Shows what the link says; if that cannot be, says why and shows what the page starts with. */
function restore(): void {
  const choice = choiceInLink();
  controls.show(choice.settings);
  // A link without a picture goes with the one that is there.
  if (choice.picture === undefined && file !== undefined) ask();
  else showPhotograph(choice.picture ?? PHOTOGRAPHS[0].name);
}

function choiceInLink(): Choice {
  sayOfLink("");
  try {
    return choiceOf(location.hash, PHOTOGRAPHS.map(({ name }) => name));
  } catch (error) {
    sayOfLink((error as Error).message);
    return { settings: defaultsOf("gdn"), picture: undefined };
  }
}

function sayOfLink(textContent: string): void {
  Object.assign(byId("link-error"), { hidden: textContent === "", textContent });
}

/** Goes on with a photograph. */
async function showPhotograph(name: string): Promise<void> {
  picture = name;
  choose(name);
  fileControl.value = "";
  try {
    const loaded = await load(PHOTOGRAPHS.find((one) => one.name === name)!);
    if (picture === name) take(loaded);
  } catch (error) {
    fail((error as Error).message);
  }
}

/** Goes on with a picture of the user's own. */
function takeOwn(own: File | undefined): void {
  if (own === undefined) return;
  picture = undefined;
  choose(undefined);
  take(own);
}

function take(taken: Blob): void {
  file = taken;
  image++;
  ask();
}

/** Asks the worker for what the controls say. */
function ask(): void {
  if (file === undefined) return;
  try {
    asked = controls.read();
  } catch (error) {
    fail((error as Error).message);
    return;
  }
  showBusy();
  client.ask({ file, image, settings: asked });
  clearTimeout(rest);
  rest = setTimeout(showLink, REST);
}

/** Puts the link to the settings into the address bar. */
function showLink(): void {
  clearTimeout(rest);
  if (asked !== undefined) history.replaceState(null, "", linkOf({ settings: asked, picture }));
}

function hear(reply: Reply): void {
  switch (reply.kind) {
    case "backends":
      ({ found } = reply);
      controls.offerBackends(found);
      break;
    case "begun":
      return;
    case "failed":
      fail(reply.message);
      break;
    case "result":
      controls.markFault("");
      showResult(reply, asked!);
      laps = [];
      byId("race-status").textContent = "Racing …";
      break;
    case "lap":
      laps.push(reply.lap);
      break;
    case "raced":
      byId("race-status").textContent = verdictOf(laps, found);
  }
  drawRace(byId("race").querySelector("tbody")!, found, laps);
}

/** Says why there is no result, and leaves the last one in sight. */
function fail(message: string): void {
  client.forget();
  controls.markFault(message);
  showError(message);
  laps = [];
  byId("race-status").textContent = "";
}
