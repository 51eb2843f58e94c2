/**
 * From one launch to WGSL: contractions in tiles, long sums of few cells with several threads for each,
 * everything else with a thread for each cell.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import { lowerAlone } from "../../lowering/lower.ts";
import type { Step } from "../../lowering/tree.ts";
import { chooseDivision, dividedShaderOf } from "./divided.ts";
import { plainShaderOf } from "./plain.ts";
import type { Shader } from "./shader.ts";
import { chooseTile } from "./tile.ts";
import { tiledShaderOf } from "./tiled.ts";

export type { Shader } from "./shader.ts";

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
    ? tiledShaderOf(launch, tileOf) ?? dividedShaderOf(launch.grid, [lowered], divisionOf)
    : undefined;
  return looped ?? plainShaderOf(launch.grid, [lowered]);
}

/**
 * Emits one shader for launches of one grid that read the same values, which are then read from memory
 * once and for the others from a cache; `undefined` where each is emitted in a way of its own.
 */
export function sideBySideShaderOf(
  launches: readonly Launch[],
  divisionOf: typeof chooseDivision = chooseDivision,
): Shader | undefined {
  const [{ grid }] = launches;
  if (launches.some((launch) => tiledShaderOf(launch, chooseTile) !== undefined)) return undefined;
  const kernels = launches.map(lowerAlone);
  const divided = dividedShaderOf(grid, kernels, divisionOf);
  if (divided !== undefined) return divided;
  const some = kernels.some((kernel) => dividedShaderOf(grid, [kernel], divisionOf) !== undefined);
  return some ? undefined : plainShaderOf(grid, kernels);
}

function hasLoops(steps: readonly Step[]): boolean {
  return steps.some((step) => step.do === "loop");
}
