/**
 * The tile compiler: from a plan to a WebAssembly module with one function for each group of
 * launches.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";
import type { Address } from "./addresses.ts";
import type { Code } from "./code.ts";
import { ElementaryFunctions } from "./elementary.ts";
import { bodyOf, type Group, type GroupBody, groupLaunches, separated } from "./groups.ts";
import { choose, cutOf, settle } from "./guards.ts";
import { type Layout, layOut } from "./layout.ts";
import { Module } from "./module.ts";
import { heightOf, rangesOf, type Region } from "./nest.ts";
import { emitRegion } from "./region.ts";
import { BYTES } from "./sizes.ts";
import type { GroupStructure, RegionStructure } from "./structure.ts";
import { branchesOnRows, chooseTile, contracts } from "./tiles.ts";
import { type Step, turnsIn } from "../../lowering/tree.ts";
import { Unsupported } from "../../lowering/unsupported.ts";

/** How the compiler is to work. */
export interface CompilerOptions {
  /** Whether a product and a sum may be rounded once: the engine must have the instruction. */
  readonly fused: boolean;
  /** Whether all kernels are left to gpu.js' own code generator. */
  readonly stock?: boolean;
  /** Another choice of tiles, for tests. */
  readonly tile?: typeof chooseTile;
}

/** A group of a compiled plan. */
export type CompiledGroup =
  | { readonly tiled: true; readonly name: string; readonly tasks: number }
  | { readonly tiled: false; readonly launch: Launch };

/** A plan as code. Functions take the address of a run's block and that of a thread's panels. */
export interface CompiledPlan {
  readonly code: Module;
  /** Bytes that each thread needs for panels. */
  readonly panels: number;
  /** Multiply-adds of its contractions. */
  readonly work: number;
  readonly groups: readonly CompiledGroup[];
  readonly layout: Layout;
  readonly structure: readonly GroupStructure[];
}

/** What has been emitted for a group. */
interface EmittedGroup {
  readonly tasks: number;
  /** Bytes of the panels that are needed at a time. */
  readonly panels: number;
  /** Multiply-adds of its contractions. */
  readonly work: number;
  readonly regions: readonly RegionStructure[];
}

/** The exported function that runs all tiled groups one after the other. */
export const RUN_ALL = "all";

/** The parameters of a group's function, by their places. */
const BASE = 0;
const PANELS = 1;
const START = 2;
const END = 3;

/** Compiles a plan. */
export function compilePlan(
  program: Program,
  options: CompilerOptions,
): CompiledPlan {
  let groups = options.stock
    ? program.launches.map((launch): Group => ({ launches: [launch], indices: [], tiled: false }))
    : groupLaunches(program);
  for (;;) {
    const { plan, failed } = compileGroups(program, groups, options);
    if (plan !== undefined) return plan;
    // What does not work together is tried one by one, and what does not work is left to gpu.js.
    groups = groups.flatMap((group, i) =>
      i === failed ? separated(group, group.launches.length > 1) : [group]
    );
  }
}

function compileGroups(
  program: Program,
  groups: readonly Group[],
  options: CompilerOptions,
): { readonly plan?: CompiledPlan; readonly failed?: number } {
  const isNeeded = neededBeyond(program, groups);
  const layout = layOut(program, groups, isNeeded);
  const code = new Module();
  const functions = new ElementaryFunctions(code);
  const calls: { readonly index: number; readonly tasks: number }[] = [];
  const compiled: CompiledGroup[] = [];
  const structure: GroupStructure[] = [];
  let panels = 0;
  let work = 0;
  for (const [i, group] of groups.entries()) {
    const { launches, tiled } = group;
    if (!tiled) {
      structure.push({ launches, regions: [] });
      compiled.push({ tiled, launch: launches[0] });
      continue;
    }
    try {
      const body = bodyOf(group, isNeeded);
      const name = `group${i}`;
      let tasks = 0;
      const index = code.add(["i32", "i32", "i32", "i32"], [], (code) => {
        const emitted = emitGroup(code, body, program, layout, functions, options);
        tasks = emitted.tasks;
        panels = Math.max(panels, emitted.panels);
        work += emitted.work;
        structure.push({ launches, regions: emitted.regions });
      }, name);
      calls.push({ index, tasks });
      compiled.push({ tiled, name, tasks });
    } catch (error) {
      if (error instanceof Unsupported) return { failed: i };
      throw error;
    }
  }
  code.add(["i32", "i32"], [], (code) => {
    for (const { index, tasks } of calls) {
      code.get(BASE).get(PANELS).integer(0).integer(tasks).call(index);
    }
  }, RUN_ALL);
  return { plan: { code, panels, work, groups: compiled, layout, structure } };
}

/** Which values are results, or are read by another group than their own. */
function neededBeyond(program: Program, groups: readonly Group[]): (value: number) => boolean {
  const needed = new Set(program.results);
  for (const { launches, tiled } of groups) {
    const own = new Set(launches.map(({ result }) => result));
    for (const { arguments: args, result } of launches) {
      if (!tiled) needed.add(result);
      for (const argument of args) {
        if ("value" in argument && !own.has(argument.value)) needed.add(argument.value);
      }
    }
  }
  return (value) => needed.has(value);
}

/** Emits the function of a group. */
function emitGroup(
  code: Code,
  { grid, steps, trees }: GroupBody,
  program: Program,
  layout: Layout,
  functions: ElementaryFunctions,
  { fused, tile: tileOf = chooseTile }: CompilerOptions,
): EmittedGroup {
  const [width, height, depth] = grid.extents;
  const regions: RegionStructure[] = [];
  const addresses = new Map<number, Address>();
  const address = (value: number): Address => {
    const known = addresses.get(value);
    if (known !== undefined) return known;
    const place = layout.table.get(value);
    const offset = layout.offsets.get(value) ?? 0;
    const found = place === undefined
      ? { local: BASE, offset }
      : { local: code.local("i32"), offset: 0 };
    if (place !== undefined) {
      code.get(BASE).access("i32.load", place).set(found.local);
    }
    addresses.set(value, found);
    return found;
  };
  const symbols = new Map(["lane", "row", "plane"].map((name) => [name, code.local("i32")]));
  // Addresses are read at the start, outside of all loops.
  for (let value = 0; value < program.lengths.length; value++) {
    if (layout.table.has(value)) address(value);
  }
  let tasks = 0;
  let panelBytes = 0;
  let work = 0;
  for (const region of regionsOf(steps, width, height, depth)) {
    const settled = choose(settle(steps, rangesOf(region)), trees);
    const chosen = tileOf(settled, width, heightOf(region));
    const emitted = emitRegion(code, { start: START, end: END }, PANELS, tasks, {
      region,
      steps: settled,
      trees,
      tile: branchesOnRows(settled) ? { ...chosen, rows: 1 } : chosen,
      symbols,
      addresses,
      lengths: program.lengths,
      parts: {
        address,
        scalar: (scalar) => ({ local: BASE, offset: layout.scalars + BYTES * scalar }),
        functions,
        fused,
      },
    });
    panelBytes = Math.max(panelBytes, emitted.panels);
    tasks += emitted.tasks;
    regions.push(emitted.structure);
    if (contracts(settled)) work += width * heightOf(region) * depth * turnsIn(settled);
  }
  return { tasks, panels: panelBytes, work, regions };
}

/** One region, or two where that makes a condition on rows certain in one of them. */
function regionsOf(
  steps: readonly Step[],
  width: number,
  height: number,
  depth: number,
): Region[] {
  const region = (firstRow: number, lastRow: number) => ({ width, firstRow, lastRow, depth });
  const whole = region(0, height - 1);
  const at = cutOf(steps, "row", rangesOf(whole));
  return at === undefined ? [whole] : [region(0, at - 1), region(at, height - 1)];
}
