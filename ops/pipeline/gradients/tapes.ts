/**
 * Gradients of what a trace records.
 *
 * @module
 */
import { checkTrees } from "../../plan/check_trees.ts";
import type { Plan } from "../../plan/plan.ts";
import { read, SymbolicTensor } from "../../plan/symbolic.ts";
import { asTensor, mapTensors } from "../../plan/tree.ts";
import { checkKeys, readable } from "../../tensor/arguments.ts";
import { checkTensor } from "../../tensor/checks.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import { describe } from "../../tensor/shown.ts";
import type { Tensor } from "../../tensor/types.ts";
import type { PipelineOps } from "../ops.ts";
import type { RecordedOps } from "../recorded_ops.ts";
import type { Recorders } from "../recorders.ts";
import { checkSynchronous } from "../synchronous.ts";
import type { Pullable } from "./rule.ts";
import type { rulesOf } from "./rules.ts";
import { readOnce, Tape } from "./tape.ts";
import type { TensorsOf, WithAux } from "./types.ts";

const ACTION = "take a gradient";

/** A loss, with or without more. */
type Returned = Tensor | WithAux<unknown>;

/** Takes the gradients of one trace. */
export class Tapes {
  readonly #plan: Plan;
  readonly #recorders: Recorders;
  readonly #rules: ReturnType<typeof rulesOf>;
  /** The tapes that are running, the innermost last. */
  readonly #running: Tape[] = [];

  constructor(plan: Plan, recorders: Recorders, rules: ReturnType<typeof rulesOf>) {
    this.#plan = plan;
    this.#recorders = recorders;
    this.#rules = rules;
  }

  /** Records an op, so that gradients pass through it if its arguments depend on parameters. */
  record(name: keyof RecordedOps, given: readonly unknown[]): unknown {
    const args = this.#read(name, given);
    const tape = this.#tapeOf(`ops.${name}`, args);
    if (tape === undefined) {
      const record = this.#recorders[name] as (plan: Plan, ...args: readonly unknown[]) => unknown;
      return record(this.#plan, ...args);
    }
    const rule = this.#rules[name];
    if (rule === undefined) {
      throw new TypeError(
        `Cannot ${ACTION}: it must not pass through ops.${name}, which has none, got arguments that ` +
          `depend on the parameters; ${advice(name)}`,
      );
    }
    const entry = rule(this.#plan, args);
    this.#checkCovered(name, tape, args, entry);
    tape.note(entry);
    return entry.result;
  }

  /** The value of a function of parameters, and its gradients. */
  valueAndGrad<P extends object>(
    fn: (params: P) => Returned,
    params: P,
  ): { readonly value: Tensor; readonly grads: TensorsOf<P>; readonly aux?: unknown } {
    if (typeof fn !== "function") {
      throw new TypeError(`Cannot ${ACTION}: fn must be a function, got ${describe(fn)}`);
    }
    if (this.#tapeOf("ops.valueAndGrad", this.#read("valueAndGrad", [params])) !== undefined) {
      throw new TypeError(
        `Cannot ${ACTION}: params must not depend on the parameters of another gradient, got a gradient ` +
          "inside of a loss; ops.stopGradient(params) takes it of their numbers",
      );
    }
    const leaves: Tensor[] = [];
    const own = this.#renewed(ACTION, "params", params, leaves);
    const tape = new Tape(this.#plan, leaves, (plan, a, b) => this.#recorders.add(plan, a, b));
    this.#running.push(tape);
    let returned: { readonly value: Tensor; readonly aux?: unknown };
    try {
      returned = checkedLoss(fn(own));
    } finally {
      this.#running.pop();
    }
    const one = new SymbolicTensor(this.#plan.constant(1, 1), []);
    const pulled = tape.pull(returned.value, one, leaves).values();
    const grads = mapTensors<object>(
      own,
      (leaf) => sizeOf(leaf.shape) === 0 ? leaf : pulled.next().value!,
    ) as TensorsOf<P>;
    return { ...returned, grads };
  }

  /** The gradients alone. */
  grad<P extends object>(fn: (params: P) => Returned, params: P): unknown {
    const { value: _, grads, ...aux } = this.valueAndGrad(fn, params);
    return "aux" in aux ? { grads, ...aux } : grads;
  }

  /** Tensors of the same numbers, which depend on nothing. */
  stopGradient<T extends object>(tree: T): T {
    return this.#renewed("stop a gradient", "tree", tree, []);
  }

  /** A tree of new tensors, collected in `leaves`, with the numbers of another one. */
  #renewed<T extends object>(action: string, name: string, tree: T, leaves: Tensor[]): T {
    checkTrees(action, { [name]: tree }, true);
    const renew = (tensor: Tensor, path: string, given: Tensor) => {
      checkTensor(action, `${name}${path}`, given); // the trace would copy the data of others
      if (sizeOf(tensor.shape) === 0) return tensor;
      const value = read(this.#plan, `${name}${path}`, tensor);
      const renewed = new SymbolicTensor(value, [...tensor.shape]);
      leaves.push(renewed);
      return renewed;
    };
    return readable(action, name, () => mapTensors<object>(tree, renew, action)) as T;
  }

  /** The arguments of an op as they are followed. */
  #read(name: keyof PipelineOps, args: readonly unknown[]): readonly unknown[] {
    if (this.#running.length === 0) return args;
    // An adjustment that is a function is called by its op, and again at every run.
    const check = (returned: unknown) => {
      if (this.#running.some((tape) => tape.followedIn(returned).length > 0)) throw uncovered(name);
    };
    const own = () => readOnce(args, [], check) as readonly unknown[];
    return readable(`trace ops.${name}`, "arguments", own);
  }

  /** The tape on whose parameters arguments depend. */
  #tapeOf(what: string, args: readonly unknown[]): Tape | undefined {
    const tapes = this.#running.filter((tape) => tape.followedIn(args).length > 0);
    if (tapes.length <= 1) return tapes[0];
    throw new TypeError(
      `Cannot ${ACTION}: ${what} must depend on the parameters of one gradient, got those of ` +
        `${tapes.length}, one inside the other; ops.stopGradient makes constants of tensors`,
    );
  }

  /** Refuses arguments whose part in the gradient would be lost. */
  #checkCovered(
    name: string,
    tape: Tape,
    args: readonly unknown[],
    { inputs }: Pullable,
  ): void {
    const covered = tape.followedIn(inputs);
    if (!tape.followedIn(args).every((tensor) => covered.includes(tensor))) throw uncovered(name);
  }
}

/** The error of an argument whose part in the gradient would be lost. */
function uncovered(name: string): TypeError {
  return new TypeError(
    `Cannot ${ACTION}: it must not pass through all arguments of ops.${name}, which has none for some, ` +
      "got one of these that depends on the parameters; ops.stopGradient makes a constant of it",
  );
}

function advice(name: string): string {
  return name.endsWith("Vjp")
    ? `use ops.${name.slice(0, -"Vjp".length)}`
    : "call it after the gradient has been taken";
}

function checkedLoss(
  returned: unknown,
): { readonly value: Tensor; readonly aux?: unknown } {
  checkSynchronous(ACTION, returned);
  const tensor = readable(ACTION, "fn's result", () => asTensor(returned));
  const own = tensor === undefined
    ? checkKeys(ACTION, "fn's result", returned as WithAux<unknown>, { value: true, aux: true })
    : { value: tensor };
  const { value } = own;
  checkTensor(ACTION, "fn's value", value);
  if (value.shape.length !== 0) {
    throw new TypeError(
      `Cannot ${ACTION}: fn's value must have shape (), got ${
        formatShape(value.shape)
      }; ops.mean or ops.sum makes one number of it`,
    );
  }
  return own;
}
