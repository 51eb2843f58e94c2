/**
 * Tensors that a call of a pipeline consumes.
 *
 * @module
 */
import type { Output } from "../call/output.ts";
import { isPlain, memberOf } from "../plan/tree.ts";
import { type Donor, donorOf } from "../runtime/donate.ts";
import { readable } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";
import type { Tensor } from "../tensor/types.ts";

/** A tensor of the input, and where it stands there. */
export interface Given {
  readonly tensor: Tensor;
  readonly path: string;
  /** As an object of ours. */
  readonly own: Tensor;
}

/**
 * The names of what is donated, each read once.
 *
 * @throws {TypeError} If it is not an array of strings.
 */
export function donatedKeys(action: string, donate: readonly string[] | undefined): string[] {
  if (donate === undefined) return [];
  const keys = readable(
    action,
    "donate",
    () => Array.isArray(donate) ? Array.from(donate) : donate,
  );
  if (Array.isArray(keys) && keys.every((key) => typeof key === "string")) return keys;
  throw new TypeError(
    `Cannot ${action}: donate must be an array of the names of keys, got ${shown(donate)}`,
  );
}

/**
 * The donors among the tensors of an input: those of the runtime under the donated keys.
 *
 * @throws {TypeError} If the input lacks a donated key, or one of the donors is used elsewhere too.
 */
export function donorsIn(
  action: string,
  input: unknown,
  given: readonly Given[],
  output: Output<unknown>,
  keys: readonly string[],
): Donor[] {
  if (keys.length === 0) return [];
  const missing = keys.find((key) => !(isPlain(input) && Object.hasOwn(input, key)));
  if (missing !== undefined) {
    throw new TypeError(
      `Cannot ${action}: input must have the donated keys, ${keys.join(", ")}, got none ${
        JSON.stringify(missing)
      }`,
    );
  }
  const members = keys.map(memberOf);
  const isDonated = (path: string) =>
    members.some((member) =>
      path.startsWith(member) && /^($|[.[])/.test(path.slice(member.length))
    );
  const captured = new Set<unknown>([
    ...output.recorded.owners,
    ...output.others.map(({ tensor }) => tensor),
  ]);
  return given.flatMap(({ tensor, path }) => {
    const donor = isDonated(path) ? donorOf(tensor) : undefined;
    if (donor === undefined) return [];
    const other = given.find((other) => other.tensor === tensor && other.path !== path);
    if (other !== undefined || captured.has(tensor)) {
      const place = other === undefined ? "also captured by fn" : `at input${other.path} too`;
      throw new TypeError(
        `Cannot ${action}: input${path} must stand at one place to be donated, got one that is ${place}`,
      );
    }
    return [donor];
  });
}
