/**
 * From a recorded op to its results: one plan, one run, and the tree that the op returns.
 *
 * @module
 */
import { tensorOf } from "./_foreign.ts";
import { checkKept, checkTensor, SlotTensor, SymbolicTensor } from "./_graph.ts";
import type { Plan, Recorded, Value } from "./_plan.ts";
import { execute, resultsOf } from "./_runtime.ts";
import { sizeOf } from "./_shape.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor, TensorLike } from "./tensor.ts";

/** A tree that a plan computes: where tensors go, and how it is put together. */
export interface Output<T> {
  readonly recorded: Recorded;
  /** Copies of the tensors that pass through unchanged, as they are now. */
  passed(): Float32Array[];
  /** The tree with the results of a run, and what passed through, in place of its tensors. */
  assemble(
    results: readonly Float32Array[],
    passed: readonly Float32Array[],
    make: (shape: readonly number[], data: Float32Array) => Tensor,
  ): T;
}

/** Stands for the data of a tensor that passes through, which are copied at every run. */
const NONE = new Float32Array(0);

/** Runs a recorded output once. */
export async function runOutput<T>(output: Output<T>, runtime: Runtime | undefined): Promise<T> {
  const passed = output.passed();
  const results = await execute(output.recorded, runtime);
  return output.assemble(results, passed, resultsOf(runtime));
}

/** Closes a plan over a tree of symbolic tensors, tensors and plain values. */
export function outputOf<T>(plan: Plan, tree: T): Output<T> {
  const symbolic: SymbolicTensor[] = [];
  const others: { readonly tensor: Tensor; readonly name: string; readonly length: number }[] = [];
  const own = mapTensors(tree, (tensor, path) => {
    const name = `output${path}`;
    if (tensor instanceof SymbolicTensor) {
      symbolic.push(tensor);
      return tensor;
    }
    checkTensor("run a pipeline", name, tensor);
    others.push({ tensor, name, length: sizeOf(tensor.shape) });
    return { shape: [...tensor.shape], data: NONE };
  });
  const values: Value[] = symbolic.map((tensor) => tensor.valueIn(plan));
  return {
    recorded: plan.finish(values),
    passed: () =>
      others.map(({ tensor: { data }, name, length }) => {
        checkKept(name, data, length);
        return data.slice();
      }),
    assemble(results, passed, make) {
      const [computed, kept] = [results.values(), passed.values()];
      return mapTensors(
        own,
        (tensor) =>
          make(
            [...tensor.shape],
            (tensor instanceof SymbolicTensor ? computed : kept).next().value!,
          ),
      );
    },
  };
}

/** An argument that is a tensor as ours; what is none is left for the checks to tell. */
export function owned(x: TensorLike): Tensor {
  return asTensor(x) ?? x as Tensor;
}

/** How deep trees of tensors may be nested; it ends cycles. */
const DEEPEST = 100;

/**
 * A copy of a tree of plain objects and arrays in which every tensor has been replaced.
 *
 * @param action What the tree is for, for messages.
 * @throws {TypeError} If the tree is nested too deeply, or has no end.
 */
export function mapTensors<T>(
  tree: T,
  replace: (tensor: Tensor, path: string) => Tensor,
  action = "run an op",
): T {
  const visit = (node: unknown, path: string, depth: number): unknown => {
    const tensor = asTensor(node);
    if (tensor !== undefined) return replace(tensor, path);
    if (node instanceof Float32Array) return replace({ shape: [node.length], data: node }, path);
    const isArray = Array.isArray(node);
    if (!isArray && !isPlain(node)) return node;
    if (depth > DEEPEST) {
      throw new TypeError(
        `Cannot ${action}: trees must be nested at most ${DEEPEST} deep, got a deeper or cyclic one`,
      );
    }
    if (isArray) {
      // Unlike `map`, this sees holes.
      return Array.from(node, (child, i) => visit(child, `${path}[${i}]`, depth + 1));
    }
    const fields = Object.entries(node).map(([key, child]) => {
      return [key, visit(child, `${path}${memberOf(key)}`, depth + 1)];
    });
    return Object.fromEntries(fields);
  };
  return visit(tree, "", 0) as T;
}

/** A node of a tree as a tensor, if it is one; those of others become ours. */
export function asTensor(node: unknown): Tensor | undefined {
  if (node instanceof SymbolicTensor || node instanceof SlotTensor) return node;
  return tensorOf(node);
}

/** A key as it is written behind what has it; no two keys are written alike. */
export function memberOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whether a node is an object of named nodes: one as `{}` makes it, or without a prototype. */
export function isPlain(node: unknown): node is Readonly<Record<string, unknown>> {
  if (node === null || typeof node !== "object") return false;
  const prototype = Object.getPrototypeOf(node);
  return (prototype === Object.prototype || prototype === null) &&
    Object.getOwnPropertySymbols(node).length === 0;
}
