/**
 * Records the steps of optimizers over trees of parameters.
 *
 * @module
 */
import { checkFlag, checkKeys, fieldsOf, readable } from "./_checks.ts";
import { checkTensor, read, SymbolicTensor } from "./_graph.ts";
import type { Plan, Value } from "./_plan.ts";
import { asTensor, mapTensors, memberOf } from "./_run.ts";
import { formatShape, sameShape, sizeOf } from "./_shape.ts";
import { shown } from "./_shown.ts";
import type {
  AdamOptions,
  AdamState,
  Gradients,
  SgdOptions,
  SgdState,
  Step,
} from "./optimizers.ts";
import type { Tensor } from "./tensor.ts";

/** What the states are made of. */
export const SGD_STATE = ["velocity"];
export const ADAM_STATE = ["step", "firstMoment", "secondMoment"];

/** Trees are not nested deeper. */
const DEEPEST = 64;

/** Records {@linkcode sgd}: every number is read and written once. */
export function recordSgd<P extends object>(
  plan: Plan,
  params: P,
  grads: Gradients<P>,
  state: SgdState,
  options: SgdOptions,
): Step<P, SgdState<P>> {
  const action = "step sgd";
  const known = ["learningRate", "momentum", "nesterov", "runtime"];
  const own = checkKeys(action, "options", options, known);
  const { learningRate: rate = 0.01, momentum = 0, nesterov = false } = own;
  checkRate(action, "learningRate", rate);
  checkFraction(action, "momentum", momentum);
  checkFlag(action, "nesterov", nesterov);
  const { velocity: before } = checkState(action, state, SGD_STATE);
  const velocities: Tensor[] = [];
  const next = step(action, params, { grads, "state.velocity": before }, (
    param,
    [grad, velocity],
  ) => {
    const values = valuesOf(plan, { param, grad, velocity });
    const moved = plan.each("accelerate", { ...values, momentum });
    velocities.push(like(param, moved));
    const direction = nesterov
      ? plan.each("accelerate", { velocity: moved, grad: values.grad, momentum })
      : moved;
    return plan.each("descend", { param: values.param, direction, rate });
  });
  return { params: next, state: { velocity: refilled(params, velocities) } };
}

/** Records {@linkcode adam}: every number is read and written once. */
export function recordAdam<P extends object>(
  plan: Plan,
  params: P,
  grads: Gradients<P>,
  state: AdamState,
  options: AdamOptions,
): Step<P, AdamState<P>> {
  const action = "step adam";
  const known = ["learningRate", "beta1", "beta2", "epsilon", "weightDecay", "runtime"];
  const own = checkKeys(action, "options", options, known);
  const { learningRate: rate = 1e-3, beta1 = 0.9, beta2 = 0.999 } = own;
  const { epsilon = 1e-8, weightDecay = 0 } = own;
  checkRate(action, "learningRate", rate);
  checkFraction(action, "beta1", beta1);
  checkFraction(action, "beta2", beta2);
  checkRate(action, "epsilon", epsilon);
  checkRate(action, "weightDecay", weightDecay);
  const { step: steps, firstMoment, secondMoment } = checkState(action, state, ADAM_STATE);
  checkTensor(action, "state.step", steps);
  if (steps.shape.length !== 0) {
    throw new TypeError(
      `Cannot ${action}: state.step must have shape (), got ${formatShape(steps.shape)}`,
    );
  }
  const taken = plan.each("affine", {
    a: read(plan, "state.step", steps),
    factor: 1,
    term: 1,
  });
  const weightOf = (beta: number) => plan.each("collectedWeight", { step: taken, rate: 1 - beta });
  const weights = { firstWeight: weightOf(beta1), secondWeight: weightOf(beta2) };
  const firsts: Tensor[] = [];
  const seconds: Tensor[] = [];
  const trees = {
    grads,
    "state.firstMoment": firstMoment,
    "state.secondMoment": secondMoment,
  };
  const next = step(action, params, trees, (param, [grad, first, second]) => {
    const values = valuesOf(plan, { param, grad, first, second });
    const moments = {
      first: plan.each("movingAverage", {
        moving: values.first,
        value: values.grad,
        rate: 1 - beta1,
      }),
      second: plan.each("movingSquare", {
        moving: values.second,
        grad: values.grad,
        rate: 1 - beta2,
      }),
    };
    firsts.push(like(param, moments.first));
    seconds.push(like(param, moments.second));
    const decay = rate * weightDecay;
    const args = { param: values.param, ...moments, ...weights, rate, epsilon, decay };
    return plan.each("adamStep", args);
  });
  return {
    params: next,
    state: {
      step: new SymbolicTensor(taken, []),
      firstMoment: refilled(params, firsts),
      secondMoment: refilled(params, seconds),
    },
  };
}

/** Zeros in the form of a tree of parameters. */
export function zerosLike<P extends object>(action: string, params: P): P {
  const zeros = ({ shape }: Tensor) => ({
    shape: [...shape],
    data: new Float32Array(sizeOf(shape)),
  });
  return readable(action, "params", () => mapLeaves(action, params, zeros));
}

/** A tree like `params` of what `update` makes of each with the tensors at its place in `trees`. */
function step<P extends object>(
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

/** Maps the tensors of a tree that must hold nothing else. */
function mapLeaves<P extends object>(
  action: string,
  tree: P,
  map: (leaf: Tensor, path: string) => Tensor,
  name = "params",
): P {
  checkTrees(action, { [name]: tree });
  return mapTensors<object>(tree, (leaf, path) => {
    checkTensor(action, `${name}${path}`, leaf);
    return map(leaf, path);
  }) as P;
}

/**
 * Checks that trees hold nothing but tensors.
 *
 * @throws {TypeError} If one holds something else, or cannot be read.
 */
export function checkTrees(action: string, trees: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(trees)) {
    const tree = trees[name];
    const wrong = readable(action, name, () => wrongLeaf(tree, name, 0));
    if (wrong !== undefined) {
      throw new TypeError(`Cannot ${action}: ${wrong.path} must be a tensor, got ${wrong.what}`);
    }
  }
}

interface WrongLeaf {
  readonly path: string;
  readonly what: string;
}

function wrongLeaf(node: unknown, path: string, depth: number): WrongLeaf | undefined {
  if (asTensor(node) !== undefined) return undefined;
  // Also what holds itself.
  if (depth > DEEPEST) return { path, what: `more than ${DEEPEST} objects around it` };
  if (Array.isArray(node)) {
    // By index: iteration over entries would not see holes.
    for (let i = 0; i < node.length; i++) {
      const wrong = wrongLeaf(node[i], `${path}[${i}]`, depth + 1);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  const isTree = node !== null && typeof node === "object" &&
    [Object.prototype, null].includes(Object.getPrototypeOf(node));
  if (!isTree) return { path, what: shown(node) };
  const [symbol] = Object.getOwnPropertySymbols(node);
  if (symbol !== undefined) return { path, what: `a key that is ${shown(symbol)}` };
  for (const [key, child] of Object.entries(node as object)) {
    const wrong = wrongLeaf(child, `${path}${memberOf(key)}`, depth + 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** A tree like `params` with other tensors, those of empty ones left out. */
function refilled<P extends object>(params: P, tensors: readonly Tensor[]): P {
  const rest = tensors.values();
  return mapTensors<object>(
    params,
    (param) => sizeOf(param.shape) === 0 ? param : rest.next().value!,
  ) as P;
}

function like(param: Tensor, value: Value): Tensor {
  return new SymbolicTensor(value, [...param.shape]);
}

function valuesOf<K extends string>(plan: Plan, tensors: Record<K, Tensor>): Record<K, Value> {
  const entries = Object.entries<Tensor>(tensors);
  return Object.fromEntries(
    entries.map(([name, tensor]) => [name, read(plan, name, tensor)]),
  ) as Record<K, Value>;
}

/** The fields of an optimizer's state, each read once. */
export function checkState<S extends object>(
  action: string,
  state: S,
  keys: readonly string[],
): S {
  const given = state !== null && typeof state === "object" ? fieldsOf(action, "state", state) : {};
  if (keys.every((key) => Object.hasOwn(given, key))) {
    return checkKeys(action, "state", given as S, keys);
  }
  throw new TypeError(
    `Cannot ${action}: state must have ${keys.join(", ")}, got ${
      typeof state === "object" && state !== null
        ? Object.keys(given).join(", ") || "nothing"
        : shown(state)
    }`,
  );
}

function checkRate(action: string, name: string, rate: number): void {
  if (!(Number.isFinite(rate) && rate >= 0)) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be a finite number >= 0, got ${shown(rate)}`,
    );
  }
}

function checkFraction(action: string, name: string, fraction: number): void {
  if (!(Number.isFinite(fraction) && fraction >= 0 && fraction < 1)) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be from 0 to below 1, got ${shown(fraction)}`,
    );
  }
}
