/**
 * Records the steps of optimizers over trees of parameters.
 *
 * @module
 */
import { checkFlag, checkKeys } from "./_checks.ts";
import { checkTensor, describe, read, SymbolicTensor } from "./_graph.ts";
import type { Plan, Value } from "./_plan.ts";
import { asTensor, mapTensors, memberOf } from "./_run.ts";
import { formatShape, sameShape, sizeOf } from "./_shape.ts";
import type { AdamOptions, AdamState, SgdOptions, SgdState, Step } from "./optimizers.ts";
import type { Tensor } from "./tensor.ts";

/** Records {@linkcode sgd}: every number is read and written once. */
export function recordSgd<P extends object>(
  plan: Plan,
  params: P,
  grads: object,
  state: SgdState,
  options: SgdOptions,
): Step<P, SgdState<P>> {
  const action = "step sgd";
  checkKeys(action, "options", options, ["learningRate", "momentum", "nesterov", "runtime"]);
  const { learningRate: rate = 0.01, momentum = 0, nesterov = false } = options;
  checkRate(action, "learningRate", rate);
  checkFraction(action, "momentum", momentum);
  checkFlag(action, "nesterov", nesterov);
  checkState(action, state, ["velocity"]);
  const velocities: Tensor[] = [];
  const next = step(action, params, { grads, "state.velocity": state.velocity }, (
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
  grads: object,
  state: AdamState,
  options: AdamOptions,
): Step<P, AdamState<P>> {
  const action = "step adam";
  const known = ["learningRate", "beta1", "beta2", "epsilon", "weightDecay", "runtime"];
  checkKeys(action, "options", options, known);
  const { learningRate: rate = 1e-3, beta1 = 0.9, beta2 = 0.999 } = options;
  const { epsilon = 1e-8, weightDecay = 0 } = options;
  checkRate(action, "learningRate", rate);
  checkFraction(action, "beta1", beta1);
  checkFraction(action, "beta2", beta2);
  checkRate(action, "epsilon", epsilon);
  checkRate(action, "weightDecay", weightDecay);
  checkState(action, state, ["step", "firstMoment", "secondMoment"]);
  checkTensor(action, "state.step", state.step);
  if (state.step.shape.length !== 0) {
    throw new TypeError(
      `Cannot ${action}: state.step must have shape (), got ${formatShape(state.step.shape)}`,
    );
  }
  const taken = plan.each("affine", {
    a: read(plan, "state.step", state.step),
    factor: 1,
    term: 1,
  });
  const weightOf = (beta: number) => plan.each("collectedWeight", { step: taken, rate: 1 - beta });
  const weights = { firstWeight: weightOf(beta1), secondWeight: weightOf(beta2) };
  const [firsts, seconds]: Tensor[][] = [[], []];
  const trees = {
    grads,
    "state.firstMoment": state.firstMoment,
    "state.secondMoment": state.secondMoment,
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
  return mapLeaves(action, params, ({ shape }) => ({
    shape: [...shape],
    data: new Float32Array(sizeOf(shape)),
  }));
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
  const wrong = wrongLeaf(tree, name);
  if (wrong !== undefined) {
    throw new TypeError(`Cannot ${action}: ${wrong.path} must be a tensor, got ${wrong.what}`);
  }
  return mapTensors<object>(tree, (leaf, path) => {
    checkTensor(action, `${name}${path}`, leaf);
    return map(leaf, path);
  }) as P;
}

function wrongLeaf(
  node: unknown,
  path: string,
): { readonly path: string; readonly what: string } | undefined {
  if (asTensor(node) !== undefined) return undefined;
  const isTree = Array.isArray(node) || (node !== null && typeof node === "object" &&
    [Object.prototype, null].includes(Object.getPrototypeOf(node)));
  if (!isTree) return { path, what: describe(node) };
  for (const [key, child] of Object.entries(node as object)) {
    const wrong = wrongLeaf(
      child,
      Array.isArray(node) ? `${path}[${key}]` : `${path}${memberOf(key)}`,
    );
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

function checkState(action: string, state: unknown, keys: readonly string[]): void {
  const given = state !== null && typeof state === "object" ? Object.keys(state) : undefined;
  if (given !== undefined && keys.every((key) => given.includes(key))) {
    return checkKeys(action, "state", state as object, keys);
  }
  throw new TypeError(
    `Cannot ${action}: state must have ${keys.join(", ")}, got ${
      given === undefined ? describe(state) : given.join(", ") || "nothing"
    }`,
  );
}

function checkRate(action: string, name: string, rate: number): void {
  if (!(Number.isFinite(rate) && rate >= 0)) {
    throw new RangeError(`Cannot ${action}: ${name} must be a finite number >= 0, got ${rate}`);
  }
}

function checkFraction(action: string, name: string, fraction: number): void {
  if (!(Number.isFinite(fraction) && fraction >= 0 && fraction < 1)) {
    throw new RangeError(`Cannot ${action}: ${name} must be from 0 to below 1, got ${fraction}`);
  }
}
