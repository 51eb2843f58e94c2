/**
 * Long sums of few cells as WGSL: a workgroup computes some cells, and its threads divide the turns of
 * their loops. Every cell collects its turns one after the other as the kernel says, so that it gets the
 * bits that a thread of its own would compute.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import type { Lowered } from "../../lowering/lower.ts";
import { turnsIn } from "../../lowering/tree.ts";
import { Bindings } from "./bindings.ts";
import { cellNames } from "./cell.ts";
import { type Separate, separateLoop } from "./separate.ts";
import { groupsOf, type Shader } from "./shader.ts";
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

/** Emits the shader of a launch whose loop can be divided; `undefined` for others, and where it does not pay. */
export function dividedShaderOf(
  launch: Launch,
  { steps, result }: Lowered,
  divisionOf: typeof chooseDivision,
): Shader | undefined {
  const separate = separateLoop(steps, result);
  if (separate === undefined) return undefined;
  const [width, height, depth] = launch.grid;
  const cells = width * height * depth;
  const { loop: { first, last }, own } = separate;
  const division = divisionOf(cells, last - first + 1, turnsIn(own));
  return division && emit(launch, separate, result, division);
}

function emit(
  { grid: [width, height, depth] }: Launch,
  { before, loop, own, handed, collects, after }: Separate,
  result: Lowered["result"],
  division: Division,
): Shader {
  const cells = width * height * depth;
  const { cells: across, threads } = division;
  const groups = groupsOf(Math.ceil(cells / across));
  const bindings = new Bindings();
  const names = cellNames(bindings);
  const body = new Statements([names]);
  const turn = nameOf(loop.symbol);
  body.steps(before, "  ");
  body.line(`for (var start = ${loop.first}; start <= ${loop.last}; start += ${threads}) {`, "  ");
  body.line(`if (start + part <= ${loop.last}) {`, "    ");
  body.line(`let ${turn} = start + part;`, "      ");
  body.steps(own, "      ");
  for (const name of handed) body.line(`${nameOf(name)}Of[index] = ${nameOf(name)};`, "      ");
  body.line("}", "    ");
  body.line("workgroupBarrier();", "    ");
  body.line("if (part == 0) {", "    ");
  body.line(`let end = min(${loop.last} - start, ${threads - 1});`, "      ");
  body.line("for (var p = 0; p <= end; p++) {", "      ");
  body.line(`let ${turn} = start + p;`, "        ");
  for (const name of handed) {
    body.line(`${nameOf(name)} = ${nameOf(name)}Of[lane + p * ${across}];`, "        ");
  }
  body.steps(collects, "        ");
  body.line("}", "      ");
  body.line("}", "    ");
  body.line("workgroupBarrier();", "    ");
  body.line("}", "  ");
  body.line(`if (part > 0 || cell >= ${cells}) { return; }`, "  ");
  body.steps(after, "  ");
  const value = body.value(result, names, "  ");
  const memory = handed.map((name) =>
    `var<workgroup> ${nameOf(name)}Of: array<f32, ${across * threads}>;`
  );
  const text = `${bindings.declarations()}
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
${[...body.variables, ...body.lines, `  result[cell] = ${value};`].join("\n")}
}
`;
  return { text, reads: bindings.reads, scalars: bindings.scalars, groups };
}

/** The least power of 2 that is not below a number. */
function powerOf2(number: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, number)));
}
