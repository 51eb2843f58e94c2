/**
 * The plots of the report.
 *
 * @module
 */
import type { Canvas, Label } from "./canvas.ts";
import {
  againLabel,
  geometricMean,
  latestOf,
  type Level,
  meanLevels,
  type Stop,
  type Track,
} from "./levels.ts";
import type { Rivals } from "./peers.ts";

/** Workloads that share a colour, by how their names start. */
export const FAMILIES: readonly string[] = [
  "gdn",
  "groupNorm",
  "instanceNorm",
  "layerNorm",
  "batchNorm training",
  "batchNorm inference",
  "pipeline",
  "tiny",
  "others",
];

/** The colour of a workload. */
export function colourOf(workload: string): string {
  const family = FAMILIES.findIndex((name) => workload.replace(/^igdn/, "gdn").startsWith(name));
  return `var(--family${family < 0 ? FAMILIES.length - 1 : family})`;
}

/** Draws workloads over the revisions of a history. */
export class Drawings {
  readonly #canvas: Canvas;
  readonly #stops: readonly Stop[];

  /** @param canvas What draws, over the same stops. */
  constructor(canvas: Canvas, stops: readonly Stop[]) {
    this.#canvas = canvas;
    this.#stops = stops;
  }

  /** All workloads, their mean, and the means of other libraries. */
  overview(tracks: readonly Track[], rivals: readonly Rivals[]): string {
    const { line, dot } = this.#canvas.plot;
    const mean = meanLevels(tracks, this.#stops);
    const latest = mean.at(-1)?.speed ?? 1;
    const peers = meanPeers(tracks, rivals, latest);
    const ours = { name: `this library, ${latest.toPrecision(2)}x`, speed: latest, own: true };
    const speeds = tracks.flatMap(({ levels }) => levels.map(({ speed }) => speed));
    return this.#canvas.draw("Speed of all workloads over revisions", {
      width: 960,
      height: 500,
      y: "speed, first revision = 1",
      values: [1, ...speeds, ...peers.map(({ speed }) => speed)],
      peers,
      labels: mean.length === 0 ? peers : [...peers, ours],
      marks: [
        ...tracks.flatMap((track) => [
          ...this.#segments(track, 1.25),
          dot(track.levels.filter(({ kind }) => kind === "again"), {
            x: "stop",
            y: "speed",
            r: 2.5,
            stroke: colourOf(track.workload),
          }),
        ]),
        line(mean, { x: "stop", y: "speed", stroke: "currentColor", strokeWidth: 3.5 }),
        dot(mean, { x: "stop", y: "speed", fill: "currentColor", r: 4.5 }),
      ],
    });
  }

  /** One workload: its speed, its comparisons, and their milliseconds. */
  row(track: Track, rivals: Rivals | undefined): string {
    const { dot, ruleX, link } = this.#canvas.plot;
    const { workload, levels, entries } = track;
    const { speed } = latestOf(track);
    const peers = [...rivals?.speeds ?? []].map(([name, ratio]) => ({
      name,
      speed: speed * ratio,
    }));
    const stroke = colourOf(workload);
    const interval = {
      x: "stop",
      y1: "low",
      y2: "high",
      stroke,
      strokeWidth: 4,
      strokeOpacity: 0.35,
    };
    const dots = (data: readonly { readonly kind: string }[], y: string) => [
      dot(data.filter(({ kind }) => kind !== "again"), { x: "stop", y, fill: stroke, r: 3.5 }),
      dot(data.filter(({ kind }) => kind === "again"), { x: "stop", y, stroke, r: 3.5 }),
    ];
    const compared = entries.map(({ revision, against, ratio, before, median }) => {
      const again = revision === against;
      const stop = again ? againLabel(revision) : revision;
      return { ...ratio, stop, before, now: median, kind: again ? "again" : "compared" };
    });
    const size = { width: 270, height: 200 };
    return [
      this.#canvas.draw(`Speed of ${workload}`, {
        width: 410,
        height: 200,
        y: "speed, first = 1",
        values: [
          1,
          ...levels.flatMap(({ low, high }) => [low, high]),
          ...peers.map(({ speed }) => speed),
        ],
        peers,
        labels: peers,
        marks: [
          ...this.#segments(track, 2),
          ruleX(levels, interval),
          ...dots(levels, "speed"),
        ],
      }),
      this.#canvas.draw(`Comparisons of ${workload}`, {
        ...size,
        y: "time now / before",
        values: [1, ...compared.flatMap(({ low, high }) => [low, high])],
        marks: [ruleX(compared, interval), ...dots(compared, "median")],
      }),
      this.#canvas.draw(`Milliseconds of ${workload}`, {
        ...size,
        y: "ms, before and now",
        values: compared.flatMap(({ before, now }) => [before, now]),
        marks: [
          link(compared, {
            x1: "stop",
            x2: "stop",
            y1: "before",
            y2: "now",
            stroke,
            strokeWidth: 1.5,
          }),
          dot(compared, { x: "stop", y: "before", stroke: "var(--faint)", r: 3 }),
          ...dots(compared, "now"),
        ],
      }),
    ].join("\n");
  }

  /** The line of a workload, dashed where nobody has compared the two revisions. */
  #segments({ workload, levels }: Track, strokeWidth: number): unknown[] {
    const known = levels.filter(({ kind }) => kind !== "again");
    const pairs = known.slice(1).map((to, i) => ({ from: known[i], to }));
    const drawn = (carried: boolean) =>
      this.#canvas.plot.link(pairs.filter(({ to }) => (to.kind === "carried") === carried), {
        x1: ({ from }: { from: Level }) => from.stop,
        x2: ({ to }: { to: Level }) => to.stop,
        y1: ({ from }: { from: Level }) => from.speed,
        y2: ({ to }: { to: Level }) => to.speed,
        stroke: colourOf(workload),
        strokeWidth,
        ...(carried && { strokeDasharray: "2 3" }),
        title: () => workload,
      });
    return [drawn(false), drawn(true)];
  }
}

/** Where the mean of other libraries lies: beside that of this one, over the races that both have run. */
function meanPeers(
  tracks: readonly Track[],
  rivals: readonly Rivals[],
  mean: number,
): Label[] {
  const raced = rivals.filter(({ workload }) =>
    tracks.some((track) => track.workload === workload)
  );
  const names = [...new Set(raced.flatMap(({ speeds }) => [...speeds.keys()]))];
  return names.map((name) => {
    const ratios = raced.flatMap(({ speeds }) => speeds.get(name) ?? []);
    return { name, speed: mean * geometricMean(ratios) };
  });
}
