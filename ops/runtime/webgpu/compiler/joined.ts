/**
 * Several small launches as one shader: a single workgroup does them one after the other. What only they
 * need stays in its own memory.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";
import { lowerAlone } from "../../lowering/lower.ts";
import { turnsIn } from "../../lowering/tree.ts";
import { Bindings } from "./bindings.ts";
import { cellNames } from "./cell.ts";
import type { Step } from "./schedule.ts";
import type { Shader } from "./shader.ts";
import { Statements } from "./statements.ts";

/** Threads of the workgroup: what WebGPU promises. */
const THREADS = 256;

/** Cells that a thread computes one after the other, and turns of loops in them, that are soon done. */
const MOST_ROUNDS = 4;
const MOST_TURNS = 64;

/** Whether a single workgroup does a launch as soon as many would. */
export function isSmall(launch: Launch): boolean {
  const rounds = Math.ceil(cellsOf(launch) / THREADS);
  // The trees of a large launch are not worth a look.
  return rounds <= MOST_ROUNDS && rounds * turnsIn(lowerAlone(launch).steps) <= MOST_TURNS;
}

/** Emits the shader of a step; its results are what the step writes, in that order. */
export function joinedShaderOf({ lengths }: Program, { launches, writes }: Step): Shader {
  const bindings = new Bindings();
  const results = launches.map(({ result }) => result);
  const arrayOf = (value: number): string => {
    if (writes.includes(value)) return `w${writes.indexOf(value)}`;
    return results.includes(value) ? `m${results.indexOf(value)}` : bindings.value(value);
  };
  const parts = launches.map((launch) => partOf(launch, bindings, arrayOf));
  const memory = results.flatMap((value, i) =>
    writes.includes(value) ? [] : [`var<workgroup> m${i}: array<f32, ${lengths[value]}>;`]
  );
  const text = `${bindings.declarations(false, writes.map((_, i) => `w${i}`))}
${memory.join("\n")}

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) index: u32) {
${parts.join("\n  storageBarrier();\n  workgroupBarrier();\n")}
}
`;
  const { reads, scalars } = bindings;
  return { text, reads, scalars, groups: [1, 1], threads: THREADS, form: "one after the other" };
}

/** All cells of one launch. */
function partOf(launch: Launch, bindings: Bindings, arrayOf: (value: number) => string): string {
  const [width, height] = launch.grid;
  const names = cellNames(bindings, arrayOf);
  const { steps, result } = lowerAlone(launch);
  const body = new Statements([names]);
  body.steps(steps, "    ");
  const value = body.value(result, names, "    ");
  return [
    `  for (var cell = i32(index); cell < ${cellsOf(launch)}; cell += ${THREADS}) {`,
    `    let x = cell % ${width};`,
    `    let y = (cell / ${width}) % ${height};`,
    `    let z = cell / ${width * height};`,
    ...body.variables.map((variable) => `  ${variable}`),
    ...body.lines,
    `    ${arrayOf(launch.result)}[cell] = ${value};`,
    "  }",
  ].join("\n");
}

function cellsOf({ grid: [width, height, depth] }: Launch): number {
  return width * height * depth;
}
