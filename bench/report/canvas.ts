/**
 * What every plot of the report has: its axes, and other libraries with their names. Colours are variables
 * of the page, which has one set for light and one for dark.
 *
 * @module
 */
import type { Stop } from "./levels.ts";
import { domainOf, spread, ticksOf } from "./scale.ts";

/** Versions of what draws; the report alone needs them. */
const PLOT = "npm:@observablehq/plot@0.6.17";
const DOM = "npm:linkedom@0.18.12";

type Mark = (data: readonly unknown[], options: object) => unknown;

/** The part of Observable Plot that is used. */
interface Plot {
  plot(options: object): { readonly outerHTML: string };
  readonly dot: Mark;
  readonly line: Mark;
  readonly link: Mark;
  readonly ruleX: Mark;
  readonly ruleY: Mark;
  readonly text: Mark;
}

/** Pixels around the plot, and the height of a label to the right of it. */
const MARGINS = { top: 24, bottom: 60, left: 48, right: 16, labels: 130 };
const LABEL = 13;

/** What has a label to the right of the plot: another library, or this one. */
export interface Label {
  readonly name: string;
  readonly speed: number;
  readonly own?: boolean;
}

/** One plot. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What the axis says. */
  readonly y: string;
  /** What has to be in sight. */
  readonly values: readonly number[];
  /** Other libraries, as lines. */
  readonly peers?: readonly Label[];
  readonly labels?: readonly Label[];
  readonly marks: readonly unknown[];
}

/** Draws plots over the same revisions. */
export class Canvas {
  /** What makes marks. */
  readonly plot: Plot;
  readonly #document: unknown;
  readonly #stops: readonly Stop[];

  private constructor(plot: Plot, document: unknown, stops: readonly Stop[]) {
    this.plot = plot;
    this.#document = document;
    this.#stops = stops;
  }

  /** Loads what draws. */
  static async open(stops: readonly Stop[]): Promise<Canvas> {
    const plot = await import(PLOT) as Plot;
    const { parseHTML } = await import(DOM) as { parseHTML(html: string): { document: unknown } };
    return new Canvas(plot, parseHTML("<html></html>").document, stops);
  }

  /** One plot, as the text of an SVG. */
  draw(ariaLabel: string, drawing: Drawing): string {
    const { plot, ruleY, text } = this.plot;
    const { width, height, y, values, peers = [], labels = [], marks } = drawing;
    const domain = domainOf(values);
    const pixels = height - MARGINS.top - MARGINS.bottom;
    const gap = (domain.high / domain.low) ** (LABEL / pixels);
    const places = spread(labels.map(({ speed }) => speed), gap);
    return plot({
      document: this.#document,
      ariaLabel,
      width,
      height,
      marginTop: MARGINS.top,
      marginBottom: MARGINS.bottom,
      marginLeft: MARGINS.left,
      marginRight: labels.length > 0 ? MARGINS.labels : MARGINS.right,
      x: {
        type: "point",
        label: null,
        domain: this.#stops.map(({ label }) => label),
        tickRotate: -40,
      },
      y: {
        type: "log",
        label: y,
        grid: true,
        domain: [domain.low, domain.high],
        ticks: ticksOf(domain),
        // A format would be left out between powers of 10.
        tickFormat: String,
      },
      marks: [
        ...(domain.low <= 1 && 1 <= domain.high ? [ruleY([1], { stroke: "var(--faint)" })] : []),
        ruleY(peers, { y: "speed", stroke: "var(--peer)", strokeDasharray: "6 4" }),
        ...marks,
        text(labels.map((label, i) => ({ ...label, place: places[i] })), {
          frameAnchor: "right",
          y: "place",
          text: "name",
          textAnchor: "start",
          dx: 6,
          fill: ({ own }: Label) => own ? "currentColor" : "var(--peer)",
          fontWeight: 600,
          fontSize: 11,
        }),
      ],
    }).outerHTML;
  }
}
