/**
 * A finished plan in plain data: what executors compile and run.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";

/** Extents of an array as a kernel indexes it: `[width, height, depth]`, innermost first. */
export type Extents = readonly [width: number, height: number, depth: number];

/** One argument of a launch: a value of the plan seen with some extents, or a scalar of the plan. */
export type LaunchArgument =
  | { readonly value: number; readonly extents: Extents }
  | { readonly scalar: number };

/** One kernel run over one grid. */
export interface Launch {
  /** The kernel for one element per cell. */
  readonly kernel: Kernel;
  /** The same kernel for four elements per cell, where there is one and the grid allows it. */
  readonly wide?: Kernel;
  /** Cells in x, y and z, for one element per cell. */
  readonly grid: Extents;
  readonly constants: Readonly<Record<string, number>>;
  readonly arguments: readonly LaunchArgument[];
  /** Which value of the plan the launch computes. */
  readonly result: number;
}

/** A plan ready to be compiled: values are numbered, the inputs first. */
export interface Program {
  /** Equal for two programs exactly when they compile to the same code over the same shapes. */
  readonly key: string;
  /** Number of elements of each value. */
  readonly lengths: readonly number[];
  /** Names of the inputs, for messages: `names[i]` is the argument that value `i` came from. */
  readonly names: readonly string[];
  /** Inputs that are the same number everywhere, at every run. */
  readonly constants: ReadonlyMap<number, number>;
  /** How many numbers a run is given besides its inputs. */
  readonly scalars: number;
  readonly launches: readonly Launch[];
  /** Which values a run returns. */
  readonly results: readonly number[];
}

/** Two programs with one key compile to the same code; scalars and names are not part of it. */
export function keyOf(program: Omit<Program, "key">): string {
  const launches = program.launches.map((launch) =>
    [
      launch.kernel.name,
      launch.grid.join("x"),
      Object.entries(launch.constants).join(","),
      launch.arguments.map((argument) =>
        "scalar" in argument ? "#" : `${argument.value}:${argument.extents.join("x")}`
      ).join(" "),
    ].join("|")
  );
  const constants = [...program.constants].map(([id, number]) => {
    return `${id}=${Object.is(number, -0) ? "-0" : number}`;
  });
  return [program.lengths.join(","), constants.join(), ...launches, program.results.join(",")]
    .join("\n");
}
