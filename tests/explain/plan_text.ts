/**
 * A plan in words: its launches, and what the compilers make of them.
 *
 * @module
 */
import type { Launch, Program } from "../../ops/plan/program.ts";
import { compilePlan } from "../../ops/runtime/wasm/compiler/compile.ts";
import type { RegionStructure } from "../../ops/runtime/wasm/compiler/structure.ts";
import { stripsOf } from "../../ops/runtime/wasm/strips/strips.ts";
import { dispatchesOf } from "../../ops/runtime/webgpu/compiler/dispatches.ts";

/** The plan as lines; equal for plans that are carried out in the same way. */
export function planText(program: Program): string[] {
  return [...launchLines(program), ...wasmLines(program), ...webgpuLines(program)];
}

/** What a launch reads and how many numbers it computes, after its number, which counts from 1. */
function launchLines(program: Program): string[] {
  const { launches, lengths, results } = program;
  const lines = launches.map((launch, i) => {
    const reads = launch.arguments.map((argument) =>
      "scalar" in argument ? "a scalar" : valueName(program, argument.value)
    );
    const returned = results.includes(launch.result) ? ", returned" : "";
    return ` #${i + 1} ${launch.kernel.name} over ${gridText(launch)} of ${reads.join(", ")}: ${
      lengths[launch.result]
    } numbers${returned}`;
  });
  return [`${counted(launches.length, "launch", "launches")}`, ...lines];
}

/** A value by the argument that it is, or by the launch that computes it. */
function valueName({ lengths, launches, names, constants }: Program, value: number): string {
  const launch = value - (lengths.length - launches.length);
  if (launch >= 0) return `#${launch + 1}`;
  const constant = constants.get(value);
  return constant === undefined ? names[value] : `${constant} everywhere`;
}

/** The extents of a launch's grid. */
export function gridText({ grid }: Launch): string {
  return grid.join(" x ");
}

/** As a whole, which is how tensors of a scope are computed, and in strips, for plain arrays. */
function wasmLines(program: Program): string[] {
  const whole = groupLines(program, "wasm");
  const strips = stripsOf(program);
  if (strips === undefined) return whole;
  const { height, units, inputs } = strips;
  const cut = inputs.flatMap((slice, id) => slice === undefined ? [] : [valueName(program, id)]);
  const head = `wasm, in strips of ${height} of ${units} units, with parts of ${cut.join(", ")}`;
  return [...whole, ...groupLines(strips.program, head)];
}

function groupLines(program: Program, what: string): string[] {
  const { structure, layout, panels } = compilePlan(program, { fused: true });
  const groups = structure.flatMap(({ launches, regions }, i) => [
    ` group ${i + 1}: ${launchNames(program, launches)}${
      regions.length === 0 ? ", left to gpu.js" : ""
    }`,
    ...regions.map((region) => `  ${regionText(region)}`),
  ]);
  const head =
    `${what}: ${counted(structure.length, "group")}, a block of ${layout.bytes} bytes, ` +
    `panels of ${panels}`;
  return [head, ...groups];
}

function regionText({ region, tile, panels, rowPanels }: RegionStructure): string {
  const { width, firstRow, lastRow, depth } = region;
  const { quads, rows, unroll, inner, block } = tile;
  const perLane = panels.map(({ length, count }) => count === 1 ? length : `${count} x ${length}`);
  const packed = panels.length === 0 ? "" : `, panels of ${perLane.join(" and ")} numbers`;
  const perRow = rowPanels.map(({ length, along }) =>
    `, ${length} ${along === "rows" ? "transposed" : "computed"} for a block of rows`
  );
  return `${width} lanes, rows ${firstRow} to ${lastRow}, ${counted(depth, "plane")}: ` +
    `tiles of ${
      4 * quads
    } x ${rows} in blocks of ${block.lane} x ${block.row}, ${inner}s inside, ` +
    `${counted(unroll, "turn")} written out${packed}${perRow.join("")}`;
}

function webgpuLines(program: Program): string[] {
  const dispatches = dispatchesOf(program);
  const lines = dispatches.map(({ launches, shader: { groups, threads, form } }, i) =>
    ` dispatch ${i + 1}: ${launchNames(program, launches)}: ${
      counted(groups[0] * groups[1], "workgroup")
    } of ${threads} threads, ${form}`
  );
  return [`webgpu: ${counted(dispatches.length, "dispatch", "dispatches")}`, ...lines];
}

function launchNames({ launches: all }: Program, launches: readonly Launch[]): string {
  return launches.map((launch) => `#${all.indexOf(launch) + 1}`).join(" ");
}

/** A number of things. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
