/**
 * Draws the README's picture of what each op pools:
 * `deno run --allow-write=docs/images examples/make_pooling.ts && deno fmt docs/images`.
 *
 * @module
 */
const SAMPLES = 2;
const CHANNELS = 4;
const SIDE = 3; // positions along each edge of a plane
const CELL = 9;
const PLANE = SIDE * CELL;
const BETWEEN_CHANNELS = 5;
const BETWEEN_SAMPLES = 9;
const LEFT = 66;
const TOP = 34;
const PITCH = 147; // from one panel to the next

/** One cell of the data. */
interface Place {
  readonly sample: number;
  readonly channel: number;
  readonly position: number;
}

/** What is drawn of an op: its name, its words, and the weight of each cell in the pool. */
interface Panel {
  readonly op: string;
  readonly words: readonly [string, string, string];
  readonly weight: (place: Place) => number;
}

/** The value that is computed: in the first sample, the second channel, the middle of the plane. */
const SELF: Place = { sample: 0, channel: 1, position: 4 };

const PANELS: readonly Panel[] = [
  {
    op: "batchNorm",
    words: ["one channel,", "the whole batch", "(x - mean) / deviation"],
    weight: ({ channel }) => channel === SELF.channel ? 1 : 0,
  },
  {
    op: "instanceNorm",
    words: ["one channel", "of one sample", "(x - mean) / deviation"],
    weight: ({ sample, channel }) => sample === SELF.sample && channel === SELF.channel ? 1 : 0,
  },
  {
    op: "groupNorm",
    words: ["a group of channels", "of one sample", "(x - mean) / deviation"],
    weight: ({ sample, channel }) => sample === SELF.sample && channel < CHANNELS / 2 ? 1 : 0,
  },
  {
    op: "layerNorm",
    words: ["all channels", "at one position", "(x - mean) / deviation"],
    weight: ({ sample, position }) => sample === SELF.sample && position === SELF.position ? 1 : 0,
  },
  {
    op: "gdn",
    words: ["all channels at one", "position, each weighted", "x / √(β + Σ γ x²)"],
    weight: ({ sample, channel, position }) =>
      sample === SELF.sample && position === SELF.position ? [0.35, 1, 0.6, 0.2][channel] : 0,
  },
];

if (import.meta.main) {
  await Deno.writeTextFile(new URL("../docs/images/pooling.svg", import.meta.url), picture());
}

/** The picture as an SVG. */
export function picture(): string {
  const width = LEFT + PANELS.length * PITCH;
  const height = 194;
  const title = "Which values each op pools to normalise one of them";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
  <title>${title}</title>
  <style>
    .page { fill: #ffffff }
    text { fill: #1f2937 }
    .cell { fill: #e5e7eb; stroke: #ffffff }
    .pool { fill: #2563eb; stroke: #ffffff }
    .self { fill: none; stroke: #ea580c; stroke-width: 2.5 }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 }
      text { fill: #e6edf3 }
      .cell { fill: #30363d; stroke: #0d1117 }
      .pool { fill: #4f8ef7; stroke: #0d1117 }
      .self { stroke: #fb923c }
    }
  </style>
  <rect class="page" width="${width}" height="${height}" rx="6" />
${samples()}
${PANELS.map(panel).join("\n")}
${legend(TOP + 146)}
</svg>
`;
}

function samples(): string {
  const names = Array.from({ length: SAMPLES }, (_, sample) => {
    const y = TOP + sample * (PLANE + BETWEEN_SAMPLES) + PLANE / 2 + 4;
    return `  <text x="10" y="${y}">sample ${sample + 1}</text>`;
  });
  return names.join("\n");
}

function panel({ op, words, weight }: Panel, index: number): string {
  const x = LEFT + index * PITCH;
  const below = TOP + SAMPLES * (PLANE + BETWEEN_SAMPLES) + 10;
  const cells: string[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      for (let position = 0; position < SIDE * SIDE; position++) {
        const place = { sample, channel, position };
        cells.push(cell("cell", x, place));
        const opacity = weight(place);
        if (opacity > 0) cells.push(cell("pool", x, place, opacity));
      }
    }
  }
  cells.push(cell("self", x, SELF));
  const texts = words.map((text, line) =>
    `  <text x="${x}" y="${below + 15 * line}">${text}</text>`
  );
  return [
    `  <text x="${x}" y="${TOP - 12}" font-size="13" font-weight="bold">${op}</text>`,
    ...cells,
    ...texts,
  ].join("\n");
}

function cell(kind: string, left: number, place: Place, opacity = 1): string {
  const { sample, channel, position } = place;
  const x = left + channel * (PLANE + BETWEEN_CHANNELS) + (position % SIDE) * CELL;
  const y = TOP + sample * (PLANE + BETWEEN_SAMPLES) + Math.floor(position / SIDE) * CELL;
  const faded = opacity === 1 ? "" : ` opacity="${opacity}"`;
  return `  <rect class="${kind}" x="${x}" y="${y}" width="${CELL}" height="${CELL}"${faded} />`;
}

function legend(y: number): string {
  const pool = LEFT + 200;
  const square = `width="${CELL}" height="${CELL}"`;
  return [
    `  <rect class="self" x="${LEFT}" y="${y - 8}" ${square} />`,
    `  <text x="${LEFT + 16}" y="${y}">the value that is normalised</text>`,
    `  <rect class="pool" x="${pool}" y="${y - 8}" ${square} />`,
    `  <text x="${pool + 16}" y="${y}">the values that it is normalised by</text>`,
    `  <text x="${
      pool + 226
    }" y="${y}">Each square is a channel: its positions in the image.</text>`,
  ].join("\n");
}
