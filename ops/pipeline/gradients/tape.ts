/**
 * A tape: what has been done with parameters, so that it can be gone back.
 *
 * @module
 */
import type { Plan } from "../../plan/plan.ts";
import { SymbolicTensor } from "../../plan/symbolic.ts";
import { asTensor, isPlain } from "../../plan/tree.ts";
import { isRecord } from "../../tensor/arguments.ts";
import type { Tensor } from "../../tensor/types.ts";
import { zeros } from "../../tensor/zeros.ts";
import type { Pullable } from "./rule.ts";

/** Adds two cotangents. */
export type Add = (plan: Plan, a: Tensor, b: Tensor) => Tensor;

/** Ops on tensors that depend on parameters, in the order in which they were recorded. */
export class Tape {
  readonly #plan: Plan;
  readonly #add: Add;
  /** The parameters, and all that depends on them. */
  readonly #followed: Set<Tensor>;
  readonly #entries: Pullable[] = [];

  constructor(plan: Plan, parameters: readonly Tensor[], add: Add) {
    this.#plan = plan;
    this.#add = add;
    this.#followed = new Set(parameters);
  }

  /** The tensors of a tree that depend on the parameters. */
  followedIn(tree: unknown): Tensor[] {
    const found: Tensor[] = [];
    readOnce(tree, found);
    return found.filter((tensor) => this.#followed.has(tensor));
  }

  /** Notes an op whose arguments depend on the parameters. */
  note(entry: Pullable): void {
    this.#entries.push(entry);
    for (const output of entry.outputs) {
      if (output instanceof SymbolicTensor) this.#followed.add(output);
    }
  }

  /** The cotangents of the parameters, given that of something that depends on them; zeros for the others. */
  pull(of: Tensor, cotangent: Tensor, parameters: readonly Tensor[]): Tensor[] {
    const cotangents = new Map([[of, cotangent]]);
    const collect = (input: unknown, given: unknown): void => {
      if (input === undefined || given === undefined) return;
      const tensor = asTensor(input);
      if (tensor !== undefined) {
        if (!this.#followed.has(tensor)) return;
        const before = cotangents.get(tensor);
        const own = given as Tensor;
        cotangents.set(tensor, before === undefined ? own : this.#add(this.#plan, before, own));
      } else if (isPlain(input)) {
        for (const [key, child] of Object.entries(input)) {
          collect(child, (given as Readonly<Record<string, unknown>>)[key]);
        }
      }
    };
    for (const { inputs, outputs, pull } of this.#entries.toReversed()) {
      const given = outputs.map((output) => cotangents.get(output));
      if (given.every((one) => one === undefined)) continue;
      const pulled = pull(given);
      inputs.forEach((input, i) => collect(input, pulled[i]));
    }
    return parameters.map((parameter) => cotangents.get(parameter) ?? zeros(parameter.shape));
  }
}

/**
 * An argument whose objects have been read, each of them once: a getter may make another tensor at each
 * reading, and a tree may have no end.
 *
 * @param found Is given the tensors in it that only a plan knows.
 * @param check Is told what functions inside of it return, when they are called.
 */
export function readOnce(
  node: unknown,
  found: Tensor[] = [],
  check?: (returned: unknown) => void,
  known = new Map<unknown, unknown>(),
): unknown {
  if (typeof node === "function") {
    return (...args: unknown[]) => {
      const returned = node(...args);
      check?.(returned);
      return returned;
    };
  }
  if (node instanceof SymbolicTensor) found.push(node);
  if (node === null || typeof node !== "object" || asTensor(node) !== undefined) return node;
  if (known.has(node)) return known.get(node);
  // Lists of numbers stay, as their owner may change them.
  const isList = Array.isArray(node) && node.some((entry) => typeof entry === "object");
  if (!isList && !isRecord(node)) return node;
  // Symbols stay, for the op to refuse.
  const own = (isList ? [...node] : { ...node }) as Record<string, unknown>;
  known.set(node, own);
  for (const key of Object.keys(own)) own[key] = readOnce(own[key], found, check, known);
  return own;
}
