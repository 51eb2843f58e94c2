/**
 * Long sums of few cells as WGSL: a workgroup computes some cells, and its threads divide the turns of
 * their loops. Every cell collects its turns one after the other as the kernel says, so that it gets the
 * bits that a thread of its own would compute.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import type { Lowered } from "../../lowering/lower.ts";
import { type Expression, turnsIn } from "../../lowering/tree.ts";
import { Bindings } from "./bindings.ts";
import { cellNames } from "./cell.ts";
import { type Separate, separateLoop } from "./separate.ts";
import { groupsOf, resultNames, type Shader } from "./shader.ts";
import { Statements } from "./statements.ts";
import { nameOf } from "./text.ts";

/** Threads of a workgroup: what WebGPU promises. */
const THREADS = 256;

/** With more cells than this, a thread for each is enough to keep a large card busy. */
const MOST_CELLS = 2 ** 16;

/** Turns of all loops of a cell that are worth a division. */
const LEAST_TURNS = 64;

/** Cells side by side in a workgroup: what they read side by side fills a line of a cache. */
const MOST_SIDE_BY_SIDE = 16;

/** How a workgroup's threads are shared out. */
export interface Division {
  /** Cells of a workgroup. */
  readonly cells: number;
  /** Threads of each of them. */
  readonly threads: number;
}

/** The shares for a launch of so many cells with so many turns of a loop, each of some turns itself. */
export function chooseDivision(
  cells: number,
  turns: number,
  inner: number,
): Division | undefined {
  if (cells > MOST_CELLS || turns < 4 || turns * inner < LEAST_TURNS) return undefined;
  const sideBySide = Math.min(MOST_SIDE_BY_SIDE, Math.max(4, powerOf2(cells)));
  return { cells: sideBySide, threads: Math.min(THREADS / sideBySide, powerOf2(turns)) };
}

/**
 * Emits the shader of launches of one grid whose loops can be divided in one way; `undefined` for others,
 * and where it does not pay.
 */
export function dividedShaderOf(
  grid: Launch["grid"],
  kernels: readonly Lowered[],
  divisionOf: typeof chooseDivision,
): Shader | undefined {
  const [width, height, depth] = grid;
  const cells = width * height * depth;
  const parts: Part[] = [];
  for (const { steps, result } of kernels) {
    const separate = separateLoop(steps, result);
    if (separate === undefined) return undefined;
    const { loop: { first, last }, own } = separate;
    const division = divisionOf(cells, last - first + 1, turnsIn(own));
    if (division === undefined) return undefined;
    parts.push({ separate, result, division });
  }
  const [{ division }] = parts;
  const alike = parts.every(({ division: { cells, threads } }) =>
    cells === division.cells && threads === division.threads
  );
  return alike ? emit(grid, parts, division) : undefined;
}

/** A launch whose loop is divided. */
interface Part {
  readonly separate: Separate;
  readonly result: Expression;
  readonly division: Division;
}

function emit([width, height, depth]: Launch["grid"], parts: Part[], division: Division): Shader {
  const cells = width * height * depth;
  const { cells: across, threads } = division;
  const groups = groupsOf(Math.ceil(cells / across));
  const bindings = new Bindings();
  const results = resultNames(parts.length);
  const memory: string[] = [];
  const bodies = parts.map((part, i) => {
    const arrayOf = (name: string) => `${nameOf(name)}Of${i === 0 ? "" : i}`;
    for (const name of part.separate.handed) {
      memory.push(`var<workgroup> ${arrayOf(name)}: array<f32, ${across * threads}>;`);
    }
    const lines = linesOf(part, bindings, arrayOf, `${results[i]}[cell]`, cells);
    return parts.length === 1 ? lines : ["  {", ...lines, "  }"];
  });
  const text = `${bindings.declarations(false, results)}
${memory.join("\n")}

@compute @workgroup_size(${across * threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let lane = i32(index) % ${across};
  let part = i32(index) / ${across};
  let cell = i32(group.x + group.y * ${groups[0]}u) * ${across} + lane;
  // Threads without a cell keep step with the others.
  let near = min(cell, ${cells - 1});
  let x = near % ${width};
  let y = (near / ${width}) % ${height};
  let z = near / ${width * height};
${bodies.flat().join("\n")}
}
`;
  const { reads, scalars } = bindings;
  const form = `${threads} threads for each of ${across} cells`;
  return { text, reads, scalars, groups, threads: across * threads, form };
}

/** One launch: its turns some at a time, and after each time what collects them. */
function linesOf(
  { separate: { before, loop, own, handed, collects, after }, result, division }: Part,
  bindings: Bindings,
  arrayOf: (name: string) => string,
  target: string,
  cells: number,
): string[] {
  const { cells: across, threads } = division;
  const names = cellNames(bindings);
  const body = new Statements([names]);
  const turn = nameOf(loop.symbol);
  body.steps(before, "  ");
  body.line(`for (var start = ${loop.first}; start <= ${loop.last}; start += ${threads}) {`, "  ");
  body.line(`if (start + part <= ${loop.last}) {`, "    ");
  body.line(`let ${turn} = start + part;`, "      ");
  body.steps(own, "      ");
  for (const name of handed) body.line(`${arrayOf(name)}[index] = ${nameOf(name)};`, "      ");
  body.line("}", "    ");
  body.line("workgroupBarrier();", "    ");
  body.line("if (part == 0) {", "    ");
  body.line(`let end = min(${loop.last} - start, ${threads - 1});`, "      ");
  body.line("for (var p = 0; p <= end; p++) {", "      ");
  body.line(`let ${turn} = start + p;`, "        ");
  for (const name of handed) {
    body.line(`${nameOf(name)} = ${arrayOf(name)}[lane + p * ${across}];`, "        ");
  }
  body.steps(collects, "        ");
  body.line("}", "      ");
  body.line("}", "    ");
  body.line("workgroupBarrier();", "    ");
  body.line("}", "  ");
  body.line(`if (part == 0 && cell < ${cells}) {`, "  ");
  body.steps(after, "    ");
  body.line(`${target} = ${body.value(result, names, "    ")};`, "    ");
  body.line("}", "  ");
  return [...body.variables, ...body.lines];
}

/** The least power of 2 that is not below a number. */
function powerOf2(number: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, number)));
}
