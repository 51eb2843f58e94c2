/**
 * A program as shaders.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";
import { isSmall, joinedShaderOf } from "./joined.ts";
import { stepsOf } from "./schedule.ts";
import type { Shader } from "./shader.ts";
import { shaderOf, sideBySideShaderOf } from "./wgsl.ts";

/** A shader that is run once, for one launch or for several. */
export interface Dispatch {
  readonly shader: Shader;
  readonly launches: readonly Launch[];
  /** Values that it computes, in the order of their bindings. */
  readonly writes: readonly number[];
}

/** The dispatches of a program, in order. */
export function dispatchesOf(
  program: Program,
  small: (launch: Launch) => boolean = isSmall,
): Dispatch[] {
  return stepsOf(program, small).flatMap((step) => {
    const { launches, writes } = step;
    const together = launches.length === 1
      ? undefined
      : step.small
      ? joinedShaderOf(program, step)
      : sideBySideShaderOf(launches);
    return together === undefined
      ? launches.map((launch) => {
        return { shader: shaderOf(launch), launches: [launch], writes: [launch.result] };
      })
      : [{ shader: together, launches, writes }];
  });
}
