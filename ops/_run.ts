/**
 * From a recorded op to its results: one plan, one run, and the tree that the op returns.
 *
 * @module
 */
import { SlotTensor, SymbolicTensor } from "./_graph.ts";
import type { Plan, Recorded, Value } from "./_plan.ts";
import { execute, resultsOf } from "./_runtime.ts";
import type { Runtime } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";

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

/** Runs a recorded output once. */
export async function runOutput<T>(output: Output<T>, runtime: Runtime | undefined): Promise<T> {
  const passed = output.passed();
  const results = await execute(output.recorded, runtime);
  return output.assemble(results, passed, resultsOf(runtime));
}

/** Closes a plan over a tree of symbolic tensors, tensors and plain values. */
export function outputOf<T>(plan: Plan, tree: T): Output<T> {
  const symbolic: SymbolicTensor[] = [];
  const others: Tensor[] = [];
  mapTensors(tree, (tensor) => {
    if (tensor instanceof SymbolicTensor) symbolic.push(tensor);
    else others.push(tensor);
    return tensor;
  });
  const values: Value[] = symbolic.map((tensor) => tensor.valueIn(plan));
  return {
    recorded: plan.finish(values),
    passed: () => others.map(({ data }) => data.slice()),
    assemble(results, passed, make) {
      const [computed, kept] = [results.values(), passed.values()];
      return mapTensors(
        tree,
        (tensor) =>
          make(
            [...tensor.shape],
            (tensor instanceof SymbolicTensor ? computed : kept).next().value!,
          ),
      );
    },
  };
}

/** A copy of a tree of plain objects and arrays in which every tensor has been replaced. */
export function mapTensors<T>(tree: T, replace: (tensor: Tensor, path: string) => Tensor): T {
  const visit = (node: unknown, path: string): unknown => {
    if (isTensor(node)) return replace(node, path);
    if (node instanceof Float32Array) return replace({ shape: [node.length], data: node }, path);
    if (Array.isArray(node)) return node.map((child, i) => visit(child, `${path}[${i}]`));
    if (node === null || typeof node !== "object" || !isPlain(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [key, visit(child, `${path}.${key}`)]),
    );
  };
  return visit(tree, "") as T;
}

/** Whether a node of a tree is a tensor. */
export function isTensor(node: unknown): node is Tensor {
  if (node instanceof SymbolicTensor || node instanceof SlotTensor) return true;
  return node !== null && typeof node === "object" &&
    Array.isArray((node as Partial<Tensor>).shape) &&
    (node as Partial<Tensor>).data instanceof Float32Array;
}

function isPlain(node: object): boolean {
  const prototype = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}
