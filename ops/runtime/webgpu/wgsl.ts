/**
 * From one launch to WGSL: contractions in tiles, everything else with a thread for each cell.
 *
 * @module
 */
import type { Launch } from "../../plan/program.ts";
import { lower } from "../lowering/lower.ts";
import { syntaxOf } from "../lowering/syntax.ts";
import { type Step, Trees } from "../lowering/tree.ts";
import { Bindings } from "./bindings.ts";
import { groupsOf, type Shader } from "./shader.ts";
import { Statements } from "./statements.ts";
import { integerText, nameOf, type Names } from "./text.ts";
import { chooseTile } from "./tile.ts";
import { tiledShaderOf } from "./tiled.ts";

export type { Shader } from "./shader.ts";

/** Threads in a workgroup: one or two subgroups on any hardware. */
const THREADS = 64;

/** Emits the shader of a launch. */
export function shaderOf(launch: Launch): Shader {
  return shaderWith(launch, chooseTile);
}

/** Emits a shader with the tile that `tileOf` chooses for a contraction, if it chooses one. */
export function shaderWith(launch: Launch, tileOf: typeof chooseTile): Shader {
  const { steps, result } = lower(syntaxOf(launch.kernel), launch, {
    trees: new Trees(),
    prefix: "",
    keep: (at) => at,
    known: () => undefined,
  });
  const tiled = hasLoops(steps) ? tiledShaderOf(launch, tileOf) : undefined;
  if (tiled !== undefined) return tiled;

  const [width, height, depth] = launch.grid;
  const cells = width * height * depth;
  const groups = groupsOf(Math.ceil(cells / THREADS));
  const bindings = new Bindings();
  const names: Names = {
    size: 1,
    isVector: () => false,
    isVectorVariable: () => false,
    integer: (at) => integerText(at),
    load: (value, at) => `${bindings.value(value)}[${integerText(at)}]`,
    scalar: (scalar) => bindings.scalar(scalar),
    local: nameOf,
  };
  // Cells are numbered along memory, so that neighbours read and write neighbours.
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
