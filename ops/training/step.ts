/**
 * What one step of any optimizer does with trees of parameters.
 *
 * @module
 */
import type { Plan, Value } from "../plan/plan.ts";
import { read, SymbolicTensor } from "../plan/symbolic.ts";
import { checkTrees } from "../plan/check_trees.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkKeys, fieldsOf, type Keys, readable } from "../tensor/arguments.ts";
import { checkTensor } from "../tensor/checks.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";
import { zeros } from "../tensor/zeros.ts";

/** A tree in the form of parameters P: a tensor at each place where they have one. */
export type Gradients<P> = P extends { readonly data: unknown } ? AnyTensor
  : { readonly [K in keyof P]: Gradients<P[K]> };

/** What a step of an optimizer returns. */
export interface Step<P extends object, S> {
  /** The next parameters, new tensors in the form of those that were given. */
  readonly params: P;
  /** The state for the next step; a new object. */
  readonly state: S;
}

/** Zeros in the form of a tree of parameters. */
export function zerosLike<P extends object>(action: string, params: P): P {
  return readable(action, "params", () => {
    checkTrees(action, { params });
    return mapTensors<object>(params, (param, path) => {
      checkTensor(action, `params${path}`, param);
      return zeros(param.shape);
    }) as P;
  });
}

/** A tree like `params` of what `update` makes of each with the tensors at its place in `trees`. */
export function step<P extends object>(
  action: string,
  params: P,
  trees: Readonly<Record<string, object>>,
  update: (param: Tensor, others: readonly Tensor[]) => Value,
): P {
  const lists = Object.entries(trees).map(([name, tree]) => leavesOf(action, name, tree));
  const places = new Set<string>();
  const next = mapLeaves(action, params, (param, path) => {
    places.add(path);
    const others = lists.map(({ name, leaves }) => {
      const leaf = leaves.get(path);
      if (leaf !== undefined && sameShape(leaf.shape, param.shape)) return leaf;
      throw new TypeError(
        `Cannot ${action}: ${name}${path} must have the shape of params${path}, ${
          formatShape(param.shape)
        }, got ${leaf === undefined ? "none" : formatShape(leaf.shape)}`,
      );
    });
    return sizeOf(param.shape) === 0 ? param : like(param, update(param, others));
  });
  for (const { name, leaves } of lists) {
    const extra = [...leaves.keys()].find((path) => !places.has(path));
    if (extra !== undefined) {
      throw new TypeError(
        `Cannot ${action}: ${name} must hold what params hold, got ${name}${extra} besides`,
      );
    }
  }
  return next;
}

function leavesOf(
  action: string,
  name: string,
  tree: object,
): { readonly name: string; readonly leaves: ReadonlyMap<string, Tensor> } {
  const leaves = new Map<string, Tensor>();
  mapLeaves(action, tree, (leaf, path) => (leaves.set(path, leaf), leaf), name);
  return { name, leaves };
}

/** Maps the tensors of a tree that must hold nothing else, none of others: a trace would copy their data. */
function mapLeaves<P extends object>(
  action: string,
  tree: P,
  map: (leaf: Tensor, path: string) => Tensor,
  name = "params",
): P {
  checkTrees(action, { [name]: tree });
  return mapTensors<object>(tree, (leaf, path, given) => {
    checkTensor(action, `${name}${path}`, given);
    return map(leaf, path);
  }) as P;
}

/** A tree like `params` with other tensors, those of empty ones left out. */
export function refilled<P extends object>(params: P, tensors: readonly Tensor[]): P {
  const rest = tensors.values();
  return mapTensors<object>(
    params,
    (param) => sizeOf(param.shape) === 0 ? param : rest.next().value!,
  ) as P;
}

export function like(param: Tensor, value: Value): Tensor {
  return new SymbolicTensor(value, [...param.shape]);
}

export function valuesOf<K extends string>(
  plan: Plan,
  tensors: Record<K, Tensor>,
): Record<K, Value> {
  const entries = Object.entries<Tensor>(tensors);
  return Object.fromEntries(
    entries.map(([name, tensor]) => [name, read(plan, name, tensor)]),
  ) as Record<K, Value>;
}

/** The fields of an optimizer's state, each read once. */
export function checkState<S extends object>(
  action: string,
  state: S,
  keys: Keys<NoInfer<S>>,
): S {
  const given = state !== null && typeof state === "object" ? fieldsOf(action, "state", state) : {};
  if (Object.keys(keys).every((key) => Object.hasOwn(given, key))) {
    return checkKeys(action, "state", given as S, keys);
  }
  throw new TypeError(
    `Cannot ${action}: state must have ${Object.keys(keys).join(", ")}, got ${
      typeof state === "object" && state !== null
        ? Object.keys(given).join(", ") || "nothing"
        : shown(state)
    }`,
  );
}

/**
 * Records the number of this step, from how many came before it.
 *
 * @throws {TypeError} If that is not a single number.
 */
export function countStep(plan: Plan, action: string, steps: Tensor): Value {
  checkTensor(action, "state.step", steps);
  if (steps.shape.length !== 0) {
    throw new TypeError(
      `Cannot ${action}: state.step must have shape (), got ${formatShape(steps.shape)}`,
    );
  }
  return plan.each("affine", { a: read(plan, "state.step", steps), factor: 1, term: 1 });
}
