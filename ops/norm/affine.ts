/**
 * Gamma and beta: which of them a norm applies.
 *
 * @module
 */
import { checkFlag, checkKeys } from "../tensor/arguments.ts";
import { checkVector } from "../tensor/checks.ts";
import type { Vector } from "../tensor/types.ts";
import type { NormParams } from "./options.ts";

/**
 * The parameters that a norm applies: those given, or as its flags `center` and `scale` say.
 *
 * @throws {TypeError} If a flag asks for a parameter that is missing, or one has the wrong shape.
 */
export function affineParams(
  action: string,
  params: NormParams,
  flags: { readonly center?: boolean; readonly scale?: boolean },
  shape: readonly number[],
): NormParams {
  const own = checkKeys(action, "params", params, { beta: true, gamma: true });
  const beta = chosen(action, "beta", own.beta, "center", flags.center, shape);
  const gamma = chosen(action, "gamma", own.gamma, "scale", flags.scale, shape);
  return { ...(beta !== undefined && { beta }), ...(gamma !== undefined && { gamma }) };
}

function chosen(
  action: string,
  name: string,
  vector: Vector | undefined,
  flagName: string,
  flag: boolean | undefined,
  shape: readonly number[],
): Vector | undefined {
  if (flag !== undefined) checkFlag(action, flagName, flag);
  if (vector !== undefined) checkVector(action, name, vector, shape);
  if (flag === true && vector === undefined) {
    throw new TypeError(
      `Cannot ${action}: params.${name} must be given with ${flagName}: true, got undefined`,
    );
  }
  return flag === false ? undefined : vector;
}
