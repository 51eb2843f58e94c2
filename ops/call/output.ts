/**
 * From a recorded op to its results: one plan, one run, and the tree that the op returns.
 *
 * @module
 */
import type { Plan, Recorded, Value } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkElements, execute, passOn, resultsOf } from "../runtime/execute.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { checkTensor } from "../tensor/checks.ts";
import { DeviceData, type Elements, elementsOf } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import { describe } from "../tensor/shown.ts";
import type { Tensor } from "../tensor/types.ts";
import { filled, type Template, templateOf } from "./template.ts";

/** A tree that a plan computes: where tensors go, and how it is put together. */
export interface Output<T> {
  readonly recorded: Recorded;
  /** The tensors that pass through unchanged. */
  readonly others: readonly Other[];
  /** The tree, which is a T once it has its numbers. */
  readonly template: Template;
}

/** A tensor that passes through. */
interface Other {
  readonly tensor: Tensor;
  readonly name: string;
  readonly length: number;
}

/** Stands for the data of a tensor that passes through, which are copied at every run. */
const NONE = new Float32Array(0);

const NO_OTHERS: readonly Elements[] = [];

/** What wrong outputs are an error of: those of ops are right. */
const RUN = "run a pipeline";

/** Runs a recorded output once. Where nothing has to be waited for, this returns no promise. */
export function runOutput<T, R extends AnyRuntime>(
  output: Output<T>,
  runtime: R | undefined,
): Placed<T, R> | Promise<Placed<T, R>> {
  return start(output, runtime, false);
}

/** As {@linkcode runOutput}, on a runtime that `checkComputesAtOnce` lets pass: never a promise. */
export function runOutputAtOnce<T, R extends AnyRuntime>(
  output: Output<T>,
  runtime: R,
): Placed<T, R> {
  return start(output, runtime, true) as Placed<T, R>;
}

function start<T, R extends AnyRuntime>(
  output: Output<T>,
  runtime: R | undefined,
  atOnce: boolean,
): Placed<T, R> | Promise<Placed<T, R>> {
  const passed = output.others.length === 0 ? NO_OTHERS : passedOn(output.others, runtime);
  try {
    const results = execute(output.recorded, runtime, atOnce);
    if (results instanceof Promise || passed.some(isPromise)) {
      return finishLater(output, runtime, results, passed);
    }
    return finish(output, runtime, results, passed as Elements[]);
  } catch (error) {
    discard(passed);
    throw error;
  }
}

function isPromise(other: Elements | Promise<Elements>): boolean {
  return other instanceof Promise;
}

async function finishLater<T, R extends AnyRuntime>(
  output: Output<T>,
  runtime: R | undefined,
  results: Elements[] | Promise<Elements[]>,
  passed: readonly (Elements | Promise<Elements>)[],
): Promise<Placed<T, R>> {
  try {
    const computed = await results;
    return finish(output, runtime, computed, await Promise.all(passed));
  } catch (error) {
    discard(passed);
    throw error;
  }
}

function finish<T, R extends AnyRuntime>(
  { template }: Output<T>,
  runtime: R | undefined,
  computed: readonly Elements[],
  passed: readonly Elements[],
): Placed<T, R> {
  return filled(template, computed, passed, resultsOf(runtime)) as Placed<T, R>;
}

/** The numbers of tensors that pass through, for a runtime that is going to return them. */
function passedOn(
  others: readonly Other[],
  runtime: AnyRuntime | undefined,
): (Elements | Promise<Elements>)[] {
  const given = others.map(({ tensor, name, length }) => {
    const elements = elementsOf(tensor);
    checkElements(name, elements, length, runtime);
    return elements;
  });
  return given.map((elements) => passOn(elements, runtime));
}

/** Gives back what a failed run would have returned. */
function discard(passed: readonly (Elements | Promise<Elements>)[]): void {
  for (const other of passed) {
    if (other instanceof Promise) other.catch(() => {});
    else if (other instanceof DeviceData) other.release();
  }
}

/** Closes a plan over a tree of symbolic tensors, tensors and plain values. */
export function outputOf<T>(plan: Plan, tree: T): Output<T> {
  const values: Value[] = [];
  const others: Other[] = [];
  const own = mapTensors(
    tree,
    (tensor, path, given) => {
      if (tensor instanceof SymbolicTensor) {
        values.push(tensor.valueIn(plan));
        return tensor;
      }
      const name = `output${path}`;
      checkTensor(RUN, name, given); // the data of others' would be copied once, here
      others.push({ tensor, name, length: sizeOf(tensor.shape) });
      return { shape: [...tensor.shape], data: NONE };
    },
    RUN,
    undefined,
    checkHidesNone,
  );
  return { recorded: plan.finish(values), others, template: templateOf(own) };
}

/**
 * Refuses what is no tree if there are tensors of a plan in it: these would stay without numbers.
 *
 * @throws {TypeError} If there is one.
 */
function checkHidesNone(node: unknown, path: string): void {
  if (!hidesTensors(node)) return;
  throw new TypeError(
    `Cannot ${RUN}: output${path} must hold tensors in plain objects and arrays without symbols, got ${
      describe(node)
    }`,
  );
}

function hidesTensors(node: unknown): boolean {
  const seen = new Set([node]);
  // What is added while this runs is visited too.
  for (const next of seen) {
    if (next instanceof SymbolicTensor) return true;
    if (typeof next !== "object" || next === null || ArrayBuffer.isView(next)) continue;
    if (next instanceof Map || next instanceof Set) {
      next.forEach((value, key) => seen.add(value).add(key));
    }
    // Getters are not asked.
    for (const key of Reflect.ownKeys(next)) {
      seen.add(Object.getOwnPropertyDescriptor(next, key)?.value);
    }
  }
  return false;
}
