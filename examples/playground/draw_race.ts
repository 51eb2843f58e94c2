/**
 * Draws the table of the race.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Failure, Found, Lap } from "./messages.ts";
import { short } from "./numbers.ts";
import { element } from "./page_parts.ts";

/** Fills the table: who has run, who waits, and who is not there. */
export function drawRace(
  body: Element,
  found: readonly Found[],
  laps: readonly (Lap | Failure)[],
): void {
  const slowest = Math.max(...laps.map((lap) => "time" in lap ? lap.time : 0));
  body.replaceChildren(...found.map((one) => {
    const name = element("th", one.backend);
    name.setAttribute("scope", "row");
    if ("reason" in one) return row(name, reasonCell(`not here: ${one.reason}`));
    name.append(element("small", one.software ? `software renderer: ${one.device}` : one.device));
    const lap = laps.find(({ backend }) => backend === one.backend);
    if (lap === undefined) return row(name, ...["–", "–", "–"].map((text) => element("td", text)));
    if ("reason" in lap) return row(name, reasonCell(lap.reason));
    const { time, calls, difference } = lap;
    const timeCell = element("td", `${short(time)}\u00a0ms`);
    timeCell.append(element("small", calls === 1 ? "one call" : `median of ${calls}`));
    const speedCell = element("td", `${short(slowest / time, 2)}\u00a0×`);
    if (one.software) speedCell.append(element("small", "not ranked"));
    return row(
      name,
      timeCell,
      speedCell,
      element("td", difference === 0 ? "0" : difference.toExponential(1)),
    );
  }));
}

function reasonCell(text: string): Element {
  const cell = element("td", text);
  cell.className = "reason";
  cell.setAttribute("colspan", "3");
  return cell;
}

function row(...cells: readonly Element[]): Element {
  const tr = element("tr");
  tr.append(...cells);
  return tr;
}
