/**
 * From a recorded op to its results: one plan, one run, and the tree that the op returns.
 *
 * @module
 */
import { tensorOf } from "./_foreign.ts";
import { SlotTensor, SymbolicTensor } from "./_graph.ts";
import type { Plan, Recorded, Value } from "./_plan.ts";
import { execute, resultsOf } from "./_runtime.ts";
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

/** An argument that is a tensor as ours; what is none is left for the checks to tell. */
export function owned(x: TensorLike): Tensor {
  return asTensor(x) ?? x as Tensor;
}

/** A copy of a tree of plain objects and arrays in which every tensor has been replaced. */
export function mapTensors<T>(tree: T, replace: (tensor: Tensor, path: string) => Tensor): T {
  const visit = (node: unknown, path: string): unknown => {
    const tensor = asTensor(node);
    if (tensor !== undefined) return replace(tensor, path);
    if (node instanceof Float32Array) return replace({ shape: [node.length], data: node }, path);
    if (Array.isArray(node)) return node.map((child, i) => visit(child, `${path}[${i}]`));
    if (node === null || typeof node !== "object" || !isPlain(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [key, visit(child, `${path}${memberOf(key)}`)]),
    );
  };
  return visit(tree, "") as T;
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

function isPlain(node: object): boolean {
  const prototype = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}
