/**
 * From one launch to WGSL: contractions in tiles, long sums of few cells with several threads for each,
 * everything else with a thread for each cell.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import { lowerAlone, type Lowered } from "../../lowering/lower.ts";
import type { Step } from "../../lowering/tree.ts";
import { Bindings } from "./bindings.ts";
import { cellNames } from "./cell.ts";
import { chooseDivision, dividedShaderOf } from "./divided.ts";
import { groupsOf, type Shader } from "./shader.ts";
import { Statements } from "./statements.ts";
import { chooseTile } from "./tile.ts";
import { tiledShaderOf } from "./tiled.ts";

export type { Shader } from "./shader.ts";

/** Threads in a workgroup: one or two subgroups on any hardware. */
const THREADS = 64;

/** Emits the shader of a launch. */
export function shaderOf(launch: Launch): Shader {
  return shaderWith(launch, {});
}

/** How launches are divided among threads. */
export interface Choices {
  /** The tile of a contraction, if it is computed in tiles. */
  readonly tileOf: typeof chooseTile;
  /** How the turns of a loop are shared out, if they are. */
  readonly divisionOf: typeof chooseDivision;
}

/** Emits a shader with choices of its own. */
export function shaderWith(
  launch: Launch,
  { tileOf = chooseTile, divisionOf = chooseDivision }: Partial<Choices>,
): Shader {
  const lowered = lowerAlone(launch);
  const looped = hasLoops(lowered.steps)
    ? tiledShaderOf(launch, tileOf) ?? dividedShaderOf(launch, lowered, divisionOf)
    : undefined;
  return looped ?? plainShaderOf(launch, lowered);
}

/** A thread for each cell. Cells are numbered along memory, so that neighbours read and write neighbours. */
function plainShaderOf(
  { grid: [width, height, depth] }: Launch,
  { steps, result }: Lowered,
): Shader {
  const cells = width * height * depth;
  const groups = groupsOf(Math.ceil(cells / THREADS));
  const bindings = new Bindings();
  const names = cellNames(bindings);
  const body = new Statements([names]);
  body.steps(steps, "  ");
  const value = body.value(result, names, "  ");
  const text = `${bindings.declarations()}

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let cell = i32(id.x + id.y * ${groups[0] * THREADS}u);
  if (cell >= ${cells}) { return; }
  let x = cell % ${width};
  let y = (cell / ${width}) % ${height};
  let z = cell / ${width * height};
${[...body.variables, ...body.lines, `  result[cell] = ${value};`].join("\n")}
}
`;
  return { text, reads: bindings.reads, scalars: bindings.scalars, groups };
}

function hasLoops(steps: readonly Step[]): boolean {
  return steps.some((step) => step.do === "loop");
}
