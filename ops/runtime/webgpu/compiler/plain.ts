/**
 * Launches of one grid as WGSL: a thread for each cell.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import type { Lowered } from "../../lowering/lower.ts";
import { Bindings } from "./bindings.ts";
import { cellNames } from "./cell.ts";
import { groupsOf, resultNames, type Shader } from "./shader.ts";
import { Statements } from "./statements.ts";

/** Threads in a workgroup: one or two subgroups on any hardware. */
const THREADS = 64;

/** Emits a shader that computes every launch, cell by cell. */
export function plainShaderOf(grid: Launch["grid"], kernels: readonly Lowered[]): Shader {
  const [width, height, depth] = grid;
  const cells = width * height * depth;
  const groups = groupsOf(Math.ceil(cells / THREADS));
  const bindings = new Bindings();
  const names = cellNames(bindings);
  const results = resultNames(kernels.length);
  const parts = kernels.map(({ steps, result }, i) => {
    const body = new Statements([names]);
    body.steps(steps, "  ");
    body.line(`${results[i]}[cell] = ${body.value(result, names, "  ")};`, "  ");
    const lines = [...body.variables, ...body.lines];
    return kernels.length === 1 ? lines : ["  {", ...lines, "  }"];
  });
  // Cells are numbered along memory, so that neighbours read and write neighbours.
  const text = `${bindings.declarations(false, results)}

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let cell = i32(id.x + id.y * ${groups[0] * THREADS}u);
  if (cell >= ${cells}) { return; }
  let x = cell % ${width};
  let y = (cell / ${width}) % ${height};
  let z = cell / ${width * height};
${parts.flat().join("\n")}
}
`;
  const form = "a thread for each cell";
  return { text, reads: bindings.reads, scalars: bindings.scalars, groups, threads: THREADS, form };
}
