/**
 * A program as shaders.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";
import { isSmall, joinedShaderOf, keptInside } from "./joined.ts";
import { stepsOf } from "./schedule.ts";
import type { Shader } from "./shader.ts";
import { shaderOf } from "./wgsl.ts";

/** A shader that is run once, for one launch or for several. */
export interface Dispatch {
  readonly shader: Shader;
  /** Values that it computes, in the order of their bindings. */
  readonly writes: readonly number[];
}

/** The dispatches of a program, in order. */
export function dispatchesOf(
  program: Program,
  small: (launch: Launch) => boolean = isSmall,
): Dispatch[] {
  return stepsOf(program, small).map((step) => {
    const { launches: [launch, ...others] } = step;
    if (others.length === 0) return { shader: shaderOf(launch), writes: [launch.result] };
    const inside = keptInside(program, step);
    const writes = step.launches.map(({ result }) => result)
      .filter((value) => !inside.includes(value));
    return { shader: joinedShaderOf(program, step, writes), writes };
  });
}
