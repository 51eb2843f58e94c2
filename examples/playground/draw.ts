/**
 * Draws pictures and histograms into the page's elements.
 *
 * @module
 */
/// <reference lib="dom" />
import { type Bars, type NotFinite, notFiniteText } from "./histogram.ts";
import type { Drawing } from "./messages.ts";
import { short } from "./numbers.ts";
import { byId, element } from "./page_parts.ts";

/** Puts a picture on a canvas of its size. */
export function drawPicture(canvas: HTMLCanvasElement, { width, height, points }: Drawing): void {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")!.putImageData(new ImageData(points, width, height), 0, 0);
}

/**
 * Draws a histogram with its range and what it is of in words; of values that are not finite, it says
 * how many there are.
 *
 * @param unit What a value is, with its unit.
 */
export function drawHistogram(
  side: "before" | "after",
  values: Bars | NotFinite,
  unit: string,
): void {
  const isFinite = "counts" in values;
  byId(`plot-${side}`).hidden = !isFinite;
  byId(`facts-${side}`).textContent = isFinite ? factsOf(values) : notFiniteText(values);
  byId(`facts-${side}`).classList.toggle("warning", !isFinite);
  if (isFinite) drawBars(side, values, unit);
}

function drawBars(side: "before" | "after", bars: Bars, unit: string): void {
  const { counts, from, to } = bars;
  const svg = byId<SVGElement>(`bars-${side}`);
  const most = Math.max(...counts, 1);
  const height = Number(svg.getAttribute("viewBox")!.split(" ")[3]);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute(
    "d",
    counts.map((count, i) => `M${i} ${height}v${-height * count / most}h1V${height}z`).join(""),
  );
  svg.replaceChildren(path);
  svg.setAttribute(
    "aria-label",
    `Histogram from ${short(from)} to ${short(to)}: ${factsOf(bars)}`,
  );
  byId(`axis-${side}`).replaceChildren(
    element("span", short(from)),
    element("span", unit),
    element("span", short(to)),
  );
}

function factsOf({ counts, mean, deviation }: Bars): string {
  // What is left of a mean of 0 is rounding.
  const centre = Math.abs(mean) < 1e-6 * deviation ? 0 : mean;
  const all = counts.reduce((sum, count) => sum + count, 0);
  const tallest = short(100 * Math.max(...counts) / all, 2);
  return `mean ${short(centre)}, deviation ${short(deviation)}; the tallest bar is ${tallest} %`;
}
