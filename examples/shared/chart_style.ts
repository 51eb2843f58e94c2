/**
 * The colours of charts, in light and in dark, and texts within SVG.
 *
 * @module
 */

/** Colours of the lines, in light and in dark; each has a contrast of at least 4.5 with its page. */
const LINES = [
  ["#2b6cb0", "#7fb2f0"],
  ["#b4500f", "#f0a070"],
  ["#23744a", "#74cf9b"],
  ["#7442c0", "#b79cf5"],
  ["#b83280", "#f28cc4"],
  ["#5a6677", "#b0bac8"],
] as const;

/** How many colours lines have; further lines begin again. */
export const LINE_COLOURS = LINES.length;

/** The style sheet of a chart; a viewer that asks for dark gets the whole chart in dark. */
export function styleSheet(): string {
  return `<style>
    .page { fill: #ffffff }
    text { fill: #2d3748 }
    .grid { stroke: #e2e8f0 }
    .axis { stroke: #718096 }
    ${classesOf(0)}
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 }
      text { fill: #e6edf3 }
      .grid { stroke: #262c36 }
      .axis { stroke: #8b949e }
      .map { filter: invert(1) hue-rotate(180deg) }
      ${classesOf(1)}
    }
  </style>`;
}

function classesOf(scheme: 0 | 1): string {
  return LINES.map((colours, i) => {
    const colour = colours[scheme];
    return `.line${i} { stroke: ${colour} } .fill${i} { fill: ${colour} }`;
  }).join("\n    ");
}

/** A text within SVG. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A place to a hundredth of a point. */
export function round(value: number): number {
  return Math.round(100 * value) / 100;
}
