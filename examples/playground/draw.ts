/**
 * Draws results into the page's elements.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Bars } from "./histogram.ts";
import type { Drawing, Failure, Found, Lap } from "./messages.ts";

/** Puts a picture on a canvas of its size. */
export function drawPicture(canvas: HTMLCanvasElement, { width, height, points }: Drawing): void {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")!.putImageData(new ImageData(points, width, height), 0, 0);
}

/** Draws a histogram, with its range below it and what it is of in words. */
export function drawBars(svg: SVGElement, axis: Element, facts: Element, bars: Bars): void {
  const { counts, from, to, mean, deviation } = bars;
  const most = Math.max(...counts, 1);
  const height = Number(svg.getAttribute("viewBox")!.split(" ")[3]);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute(
    "d",
    counts.map((count, i) => `M${i} ${height}v${-height * count / most}h1V${height}z`).join(""),
  );
  svg.replaceChildren(path);
  // What is left of a mean of 0 is rounding.
  const centre = Math.abs(mean) < 1e-6 * deviation ? 0 : mean;
  const text = `mean ${short(centre)}, deviation ${short(deviation)}`;
  svg.setAttribute("aria-label", `Histogram from ${short(from)} to ${short(to)}: ${text}`);
  axis.replaceChildren(...[from, to].map((value) => element("span", short(value))));
  facts.textContent = text;
}

/** Fills the table of the race: who has run, who waits, and who is not there. */
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
    name.append(element("small", one.device));
    const lap = laps.find(({ backend }) => backend === one.backend);
    if (lap === undefined) return row(name, ...["–", "–", "–"].map((text) => element("td", text)));
    if ("reason" in lap) return row(name, reasonCell(lap.reason));
    const { time, calls, difference } = lap;
    const timeCell = element("td", `${short(time)}\u00a0ms`);
    timeCell.append(element("small", calls === 1 ? "one call" : `median of ${calls}`));
    return row(
      name,
      timeCell,
      element("td", `${short(slowest / time, 2)}\u00a0×`),
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

/** A number with a few digits. */
export function short(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 10 ** digits
    ? String(Math.round(value))
    : String(Number(value.toPrecision(digits)));
}

function row(...cells: readonly Element[]): Element {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

function element(name: string, text: string): Element {
  return Object.assign(document.createElement(name), { textContent: text });
}
