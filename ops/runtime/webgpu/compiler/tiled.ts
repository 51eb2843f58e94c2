/**
 * Contractions as WGSL: a workgroup computes a tile of cells, whose factors it stages in its own
 * memory, and each thread four cells side by side in one or more rows, in registers. Every cell adds
 * up its terms one after the other as the kernel says. It gets the bits that a thread of its own would
 * compute, unless a driver rounds once or reorders a sum, as WGSL lets it, in one of the two only.
 *
 * @module
 */
import type { Extents, Launch } from "../../../plan/program.ts";
import { type Affine, constant } from "../../lowering/affine.ts";
import { axesOfLocals } from "../../lowering/axes.ts";
import { withoutCertain } from "../../lowering/certain.ts";
import { contractionsOf } from "../../lowering/factors.ts";
import { mergedGrid, ownIndex, squeezedGrid } from "../../lowering/grid.ts";
import { lower, type Lowered } from "../../lowering/lower.ts";
import { syntaxOf } from "../../lowering/syntax.ts";
import { type Step, Trees } from "../../lowering/tree.ts";
import { Bindings } from "./bindings.ts";
import { valuesInFours } from "./fours.ts";
import { groupsOf, type Shader } from "./shader.ts";
import { bytesOf, cells, fillStage, type Stage, stagesOf, strideOf } from "./stages.ts";
import { type Loop, Statements } from "./statements.ts";
import { floats, integerText, nameOf, type Names } from "./text.ts";
import { type Tile, VECTOR } from "./tile.ts";
import { turnsOf } from "./turns.ts";
import { vectorNames } from "./vectors.ts";

/** Bytes of a workgroup's memory: the least that WebGPU promises. */
const MEMORY = 16384;

/** The result of a kernel as if it were a variable. */
const RESULT = "result";

/** Emits the shader of a contraction; `undefined` for anything else, and where tiles do not pay. */
export function tiledShaderOf(
  launch: Launch,
  tileOf: (extents: Extents, terms: number) => Tile | undefined,
): Shader | undefined {
  const { extents, steps } = overTiles(launch);
  const locals = axesOfLocals(steps);
  const contractions = contractionsOf(steps, locals);
  const tile = contractions.size === 0 ? undefined : tileOf(extents, termsOf(steps, contractions));
  if (tile === undefined) return undefined;
  const sides = { lane: extents[0], row: extents[1] };
  const stages = new Map(
    [...contractions].map(([loop, factors]) => [loop, stagesOf(loop, factors, tile, sides)]),
  );
  const arrays = arraysOf([...stages.values()].flat());
  const bytes = arrays.reduce((sum, stage) => sum + bytesOf(stage), 0);
  if (bytes > MEMORY) return undefined;
  return new Emitter(extents, tile, stages, locals).emit(steps, arrays);
}

/** The steps of a launch over lanes, rows and planes; the last one sets {@linkcode RESULT}. */
function overTiles(launch: Launch): { readonly extents: Extents; readonly steps: Step[] } {
  const squeezed = squeezedGrid(launch.grid);
  const lowered = (keep: (at: Affine) => Affine): Lowered =>
    lower(syntaxOf(launch.kernel), launch, {
      trees: new Trees(),
      prefix: "",
      keep: (at) => keep(squeezed.keep(at)),
      known: () => undefined,
    });
  const indices = [ownIndex(squeezed)];
  lowered((at) => (indices.push(at), at));
  const { extents, keep } = mergedGrid(squeezed, indices);
  const { steps, result } = lowered(keep);
  const ranges = new Map(
    ["lane", "row", "plane"].map((name, i) => [name, { first: 0, last: extents[i] - 1 }]),
  );
  const all: Step[] = [...steps, { do: "set", name: RESULT, to: result }];
  return { extents, steps: withoutCertain(all, ranges) };
}

/** How many terms a cell adds up. */
function termsOf(steps: readonly Step[], contractions: { has(loop: Loop): boolean }): number {
  return steps.reduce((sum, step) => {
    if (step.do !== "loop") return sum;
    const inner = contractions.has(step) ? 1 : termsOf(step.body, contractions);
    return sum + inner * (step.last - step.first + 1);
  }, 0);
}

/** Of the stages with the same array, which loops fill in turn, the one that needs most of it. */
function arraysOf(stages: readonly Stage[]): Stage[] {
  const largest = new Map<string, Stage>();
  for (const stage of stages) {
    const known = largest.get(stage.array);
    if (known === undefined || bytesOf(known) < bytesOf(stage)) largest.set(stage.array, stage);
  }
  return [...largest.values()];
}

class Emitter {
  readonly #extents: Extents;
  readonly #tile: Tile;
  readonly #stages: ReadonlyMap<Loop, readonly Stage[]>;
  readonly #lanes: ReadonlySet<string>;
  /** The stages of the loop whose terms are being added up. */
  #open: readonly Stage[] = [];
  #bindings = new Bindings();

  constructor(
    extents: Extents,
    tile: Tile,
    stages: ReadonlyMap<Loop, readonly Stage[]>,
    locals: ReadonlyMap<string, { readonly lane: boolean }>,
  ) {
    this.#extents = extents;
    this.#tile = tile;
    this.#stages = stages;
    this.#lanes = new Set([...locals].flatMap(([name, { lane }]) => lane ? [name] : []));
  }

  emit(steps: readonly Step[], arrays: readonly Stage[]): Shader {
    const [width, height, depth] = this.#extents;
    const { across, down, rows } = this.#tile;
    const along = { symbol: "lane", size: VECTOR, aligned: width % VECTOR === 0 };
    this.#bindings = new Bindings(valuesInFours(steps, this.#stages, along));
    const names = Array.from({ length: rows }, (_, row) => this.#namesOf(row, along));
    const body: Statements = new Statements(names, (loop, indent) => {
      const stages = this.#stages.get(loop);
      if (stages !== undefined) this.#contract(body, loop, stages, indent);
      return stages !== undefined;
    });
    body.steps(steps, "  ");
    names.forEach((names, row) => this.#store(body, names.local(RESULT), row));

    const wide = VECTOR * across;
    const high = rows * down;
    const tilesWide = Math.ceil(width / wide);
    const tilesHigh = Math.ceil(height / high);
    const tiles = tilesWide * tilesHigh * depth;
    const groups = groupsOf(tiles);
    const memory = arrays.map((stage) =>
      `var<workgroup> ${stage.array}: array<${floats(stage.size)}, ${
        stage.terms * strideOf(stage)
      }>;`
    );
    const coordinates = names.map((_, row) => `  let row${row} = min(y + ${row}, ${height - 1});`);
    const text = `${this.#bindings.declarations(along.aligned)}
${memory.join("\n")}

@compute @workgroup_size(${across * down})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let tile = i32(group.x + group.y * ${groups[0]}u);
  if (tile >= ${tiles}) { return; }
  let thread = i32(index);
  let firstLane = (tile % ${tilesWide}) * ${wide};
  let firstRow = (tile / ${tilesWide} % ${tilesHigh}) * ${high};
  let plane = tile / ${tilesWide * tilesHigh};
  let x = firstLane + ${VECTOR} * (thread % ${across});
  let y = firstRow + ${rows} * (thread / ${across});
  let lane = ${cells("x", VECTOR, width - 1)};
${[...coordinates, ...body.variables, ...body.lines].join("\n")}
}
`;
    const { reads, scalars } = this.#bindings;
    const form = `tiles of ${wide} x ${high}, ${VECTOR} x ${rows} cells a thread`;
    return { text, reads, scalars, groups, threads: across * down, form };
  }

  /** Names in one of a thread's rows. */
  #namesOf(row: number, along: { symbol: string; size: number; aligned: boolean }): Names {
    const names = vectorNames(
      this.#bindings,
      along,
      (name) => name === "row" ? `row${row}` : nameOf(name),
      (name) => this.#lanes.has(name),
    );
    return {
      ...names,
      // Names of variables end in numbers, so that no other has this one.
      local: (name) => `${nameOf(name)}r${row}`,
      known: (expression) => {
        const stage = this.#open.find(({ factor }) => factor.expression === expression);
        if (stage === undefined) return undefined;
        const { array, size, factor: { axis } } = stage;
        return axis === "lane" || size === 1 ? `${array}k` : `${array}k.${"xyzw"[row]}`;
      },
    };
  }

  /** A loop that stages some terms and adds them up, then the next. */
  #contract(body: Statements, loop: Loop, stages: readonly Stage[], indent: string): void {
    const { across, down } = this.#tile;
    const [width, height] = this.#extents;
    const { terms } = stages[0];
    const counter = nameOf(loop.symbol);
    const inner = `${indent}  `;
    const innermost = `${indent}    `;
    const from = `${counter}from`;
    const head = `var ${from} = ${loop.first}; ${from} <= ${loop.last}; ${from} += ${terms}`;
    body.line(`for (${head}) {`, indent);
    body.line("workgroupBarrier();", inner);
    const sides = { lane: width, row: height };
    for (const stage of stages) {
      fillStage(body, stage, loop, from, across * down, this.#bindings, sides, inner);
    }
    body.line("workgroupBarrier();", inner);
    const turns = turnsOf(loop);
    const cut = (loop.last - loop.first + 1) % terms !== 0;
    const lasts = [...(cut ? [constant(loop.last)] : []), ...turns.lasts].map((at) =>
      integerText(at)
    );
    const count = lasts.reduce((least, last) => `min(${least}, ${last} - ${from} + 1)`, `${terms}`);
    body.line(`let terms = ${count};`, inner);
    body.line("for (var k = 0; k < terms; k++) {", inner);
    body.line(`let ${counter} = ${from} + k;`, innermost);
    for (const stage of stages) {
      const vector = stage.factor.axis === "lane" ? `thread % ${across}` : `thread / ${across}`;
      const element = `${stage.array}[k * ${strideOf(stage)} + ${vector}]`;
      body.line(`let ${stage.array}k = ${element};`, innermost);
    }
    this.#open = stages;
    body.steps(turns.body, innermost);
    this.#open = [];
    body.line("}", inner);
    body.line("}", indent);
  }

  /** Writes the cells of a row that there are. */
  #store(body: Statements, value: string, row: number): void {
    const [width, height] = this.#extents;
    const at = `${width} * (row${row} + ${height} * plane)`;
    if (width % VECTOR === 0) {
      body.line(`if (x < ${width} && y + ${row} < ${height}) {`, "  ");
      body.line(`result[((lane.x + ${at}) >> 2u)] = ${value};`, "    ");
      body.line("}", "  ");
      return;
    }
    [..."xyzw"].forEach((part, i) => {
      body.line(`if (x + ${i} < ${width} && y + ${row} < ${height}) {`, "  ");
      body.line(`result[lane.${part} + ${at}] = ${value}.${part};`, "    ");
      body.line("}", "  ");
    });
  }
}
