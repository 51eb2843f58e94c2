/**
 * `deno task bench report [file]`: the history as one HTML page with a plot for each workload.
 *
 * @module
 */
import { type Entry, parseHistory } from "./history.ts";

/** Versions of what draws; the report alone needs them. */
const PLOT = "npm:@observablehq/plot@0.6.17";
const DOM = "npm:linkedom@0.18.12";

/** The part of Observable Plot that is used. */
interface Plot {
  plot(options: object): { readonly outerHTML: string };
  ruleY(values: readonly number[], options?: object): unknown;
  ruleX(data: readonly unknown[], options: object): unknown;
  dot(data: readonly unknown[], options: object): unknown;
}

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const file = args[0] ?? new URL("report.html", import.meta.url).pathname;
  const history = parseHistory(await Deno.readTextFile(new URL("history.jsonl", import.meta.url)));
  await Deno.writeTextFile(file, await reportPage(history));
  console.log(`${history.length} comparisons are drawn in ${file}`);
}

/** The page. */
export async function reportPage(history: readonly Entry[]): Promise<string> {
  const plot = await import(PLOT) as Plot;
  const { parseHTML } = await import(DOM) as { parseHTML(html: string): { document: unknown } };
  const { document } = parseHTML("<html></html>");
  const names = [...new Set(history.map(({ workload }) => workload))];
  const sections = names.map((name) => {
    const entries = history.filter(({ workload }) => workload === name)
      .map((entry, i) => ({ ...entry, run: `${i + 1}: ${entry.revision} to ${entry.against}` }));
    const drawing = plot.plot({
      document,
      width: 640,
      height: 220,
      marginBottom: 40,
      ariaLabel: `Time ratios of ${name}`,
      x: { type: "point", label: "revision", domain: entries.map(({ run }) => run) },
      y: { type: "log", label: "time now / before", grid: true, nice: true, tickFormat: "~g" },
      marks: [
        plot.ruleY([1], { stroke: "gray" }),
        plot.ruleX(entries, {
          x: "run",
          y1: (entry: Entry) => entry.ratio.low,
          y2: (entry: Entry) => entry.ratio.high,
          strokeWidth: 3,
          strokeOpacity: 0.4,
        }),
        plot.dot(entries, {
          x: "run",
          y: (entry: Entry) => entry.ratio.median,
          fill: "currentColor",
        }),
      ],
    });
    const last = entries.at(-1)!;
    return `<section><h2>${escaped(name)}</h2>${drawing.outerHTML}
<p>Last: ${last.median.toPrecision(3)} ms against ${last.before.toPrecision(3)} ms, ${
      escaped(`${last.device}, ${last.cpu}, Deno ${last.deno}, gpu.js ${last.gpujs}, ${last.date}`)
    }</p></section>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>kernorm: speed over time</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { font-size: 1.1rem; margin: 2rem 0 0; }
  p { color: color-mix(in srgb, currentColor 70%, transparent); margin: 0; font-size: 0.85rem; }
  figure, svg { max-width: 100%; background: none !important; }
</style>
<h1>Speed over time</h1>
<p>Each point is a comparison of two revisions in one process, taking turns: the median of the ratios
of their times and its interval of 95 %. Below 1 is faster.</p>
${sections.join("\n")}
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
