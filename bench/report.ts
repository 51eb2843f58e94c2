/**
 * `deno task bench report [file]`: the history as one HTML page. First a picture of all workloads, then a
 * row of plots for each.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Entry, parseHistory } from "./history.ts";
import { Canvas } from "./report/canvas.ts";
import { Drawings, FAMILIES } from "./report/drawings.ts";
import { meanLevels, stopsOf, type Track, tracksOf } from "./report/levels.ts";
import { type Rivals, rivalsIn } from "./report/peers.ts";
import { milliseconds } from "./table.ts";

/** Runs the command. */
export async function main(args: readonly string[]): Promise<void> {
  const file = args[0] ?? fileURLToPath(new URL("report.html", import.meta.url));
  const read = async (path: string) => await Deno.readTextFile(new URL(path, import.meta.url));
  const history = parseHistory(await read("history.jsonl"));
  const rivals = rivalsIn(await read("../docs/performance.md"));
  await Deno.writeTextFile(file, await reportPage(history, rivals));
  console.log(`${history.length} comparisons are drawn in ${file}`);
}

/** The page. */
export async function reportPage(
  history: readonly Entry[],
  rivals: readonly Rivals[],
): Promise<string> {
  const stops = stopsOf(history);
  const tracks = tracksOf(history);
  const drawings = new Drawings(await Canvas.open(stops), stops);
  const mean = meanLevels(tracks, stops).at(-1);
  const sections = tracks.map((track) => {
    const own = rivals.find(({ workload }) => workload === track.workload);
    return `<section><h3>${escaped(track.workload)}</h3>
<div class="row">${drawings.row(track, own)}</div>
<p>${escaped(lastOf(track))}</p></section>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>kernorm: speed over revisions</title>
<style>
${STYLE}
</style>
<h1>Speed over revisions</h1>
<p>Each revision was compared with an earlier one in one process, in turns, on WebAssembly with plain
arrays. The product of these ratios is the speed against the first revision; higher is faster. The
thick line is the geometric mean of the ${
    mean?.of ?? 0
  } workloads that were measured at every revision;
the others begin at 1 where they were first measured. Point at a thin line to see its name. A dotted
piece joins revisions that nobody has compared, as if nothing had changed between them. Circles are
A/A runs, of one revision against itself: how far they lie from their line is what a measurement is
off by. Dashed lines are other libraries, beside this one as in the table of docs/performance.md, on
average over the workloads that they can do.</p>
${legend()}
${drawings.overview(tracks, rivals)}
<h2>Each workload</h2>
<p>From left to right: the speed against the first revision, with the other libraries; the ratio of each
comparison, below 1 being faster; and its milliseconds, a grey circle before and a dot now. Bars are
intervals of 95 %.</p>
${sections.join("\n")}
</html>
`;
}

/** The latest comparison in words. */
function lastOf({ entries }: Track): string {
  const { revision, against, median, before, device, cpu, deno, gpujs, date } = entries.at(-1)!;
  return `${date}: ${revision} ${milliseconds(median)} ms, ${against} ${
    milliseconds(before)
  } ms; ` +
    `${device}, ${cpu}, Deno ${deno}, gpu.js ${gpujs}`;
}

function legend(): string {
  const items = FAMILIES.map((name, i) =>
    `<li style="--colour: var(--family${i})">${escaped(name)}</li>`
  );
  return `<ul>${items.join("")}</ul>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `  :root {
    color-scheme: light dark;
    --page: #ffffff; --ink: #1f2937; --faint: #9aa3af; --peer: #6b7280;
    --family0: #2563eb; --family1: #d97706; --family2: #b91c1c; --family3: #0f766e; --family4: #7c3aed;
    --family5: #db2777; --family6: #4d7c0f; --family7: #0891b2; --family8: #57534e;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --page: #0d1117; --ink: #e6edf3; --faint: #6e7681; --peer: #9aa4b1;
      --family0: #6ea8fe; --family1: #f0b429; --family2: #ff7b72; --family3: #4fd1c5; --family4: #b794f6;
      --family5: #f687b3; --family6: #9ccc65; --family7: #4dd0e1; --family8: #bcaaa4;
    }
  }
  body {
    font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
    background: var(--page); color: var(--ink);
  }
  h3 { font-size: 1rem; margin: 1.5rem 0 0; }
  p { margin: 0 0 0.5rem; font-size: 0.875rem; }
  section p { color: var(--peer); font-size: 0.8rem; }
  .row { display: flex; flex-wrap: wrap; align-items: start; }
  ul { list-style: none; padding: 0; margin: 1rem 0 0; font-size: 0.8rem; display: flex; flex-wrap: wrap; gap: 0 1rem; }
  li::before {
    content: ""; display: inline-block; width: 1rem; height: 0.2rem; margin-right: 0.4rem;
    vertical-align: middle; background: var(--colour);
  }
  svg { max-width: 100%; height: auto; --plot-background: var(--page); }`;
