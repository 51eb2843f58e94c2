/**
 * The README's chart: one panel for each race, with a bar for each library, as an SVG.
 *
 * @module
 */
import type { Machine } from "./machine.ts";
import type { Race } from "./result.ts";
import { type Column, columnsOf, fastest } from "./readme_columns.ts";
import { milliseconds } from "./table.ts";

/** What has a bar; plain loops are so slow that no other bar could be seen beside theirs. */
const HIDDEN = ["plain loop", "copy"];
const OURS = ["kernorm", "in place"];
const LABELS: Readonly<Record<string, string>> = {
  "in place": "kernorm, in place",
  "ort-node, 1 thread": "ort-node (native)",
  "pytorch, 1 thread": "pytorch (native)",
};

const WIDTH = 800;
const PANELS = 2; // side by side
const PANEL = WIDTH / PANELS;
const TOP = 30;
const BAR = 17;
const HEAD = 24;
const LABEL = 130; // where bars begin
const NUMBER = 70; // room behind the longest bar

/** Draws races, each on a scale of its own: shorter is faster. */
export function chart(races: readonly Race[], { cpu }: Machine): string {
  const shown = columnsOf(races).filter(({ head }) => !HIDDEN.includes(head));
  const panelHeight = HEAD + shown.length * BAR + 16;
  const height = TOP + Math.ceil(races.length / PANELS) * panelHeight + 6;
  const panels = races.map((race, i) => {
    const x = (i % PANELS) * PANEL;
    const y = TOP + Math.floor(i / PANELS) * panelHeight;
    return `  <g transform="translate(${x} ${y})">\n${panel(race, shown)}\n  </g>`;
  });
  const title = `Milliseconds per call on ${cpu}, one thread; shorter is faster`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
  <title>${escaped(title)}</title>
  <style>
    .page { fill: #ffffff }
    text { fill: #1f2937 }
    .bar { fill: #b6bec9 }
    .ours { fill: #2563eb }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 }
      text { fill: #e6edf3 }
      .bar { fill: #545d68 }
      .ours { fill: #4f8ef7 }
    }
  </style>
  <rect class="page" width="${WIDTH}" height="${height}" rx="6" />
  <text x="16" y="22">${escaped(title)}</text>
${panels.join("\n")}
</svg>
`;
}

function panel(race: Race, shown: readonly Column[]): string {
  const bars = shown.map(({ head, name }) => ({ head, result: fastest(race, name) }));
  const longest = Math.max(...bars.map(({ result }) => result?.median ?? 0));
  const lines = bars.map(({ head, result }, i) => {
    const y = HEAD + i * BAR;
    const label = `    <text x="${LABEL - 8}" y="${y + 12}" text-anchor="end">${
      LABELS[head] ?? head
    }</text>`;
    if (result === undefined) return `${label}\n    <text x="${LABEL}" y="${y + 12}">–</text>`;
    const width = (PANEL - LABEL - NUMBER) * result.median / longest;
    return [
      label,
      `    <rect class="${OURS.includes(head) ? "ours" : "bar"}" x="${LABEL}" y="${y + 2}" width="${
        width.toFixed(1)
      }" height="${BAR - 4}" rx="2" />`,
      `    <text x="${(LABEL + width + 6).toFixed(1)}" y="${y + 12}">${
        milliseconds(result.median)
      }</text>`,
    ].join("\n");
  });
  const title = `    <text x="16" y="14" font-weight="bold">${escaped(race.workload.id)}</text>`;
  return [title, ...lines].join("\n");
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
