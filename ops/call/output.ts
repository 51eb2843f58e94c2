/**
 * From a recorded op to its results: one plan, one run, and the tree that the op returns.
 *
 * @module
 */
import type { Plan, Recorded, Value } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { checkElements, execute, passOn, resultsOf } from "../runtime/execute.ts";
import type { Runner } from "../runtime/runner.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { checkTensor } from "../tensor/checks.ts";
import { DeviceData, type Elements, elementsOf } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/types.ts";

/** A tree that a plan computes: where tensors go, and how it is put together. */
export interface Output<T> {
  readonly recorded: Recorded;
  /** The tensors that pass through unchanged. */
  readonly others: readonly Tensor[];
  /** The numbers of those, for a runtime that is going to return them. */
  passed(runtime: AnyRuntime | undefined): Elements[];
  /** The tree with the results of a run, and what passed through, in place of its tensors. */
  assemble(
    results: readonly Elements[],
    passed: readonly Elements[],
    make: Runner["result"],
  ): unknown;
}

/** Stands for the data of a tensor that passes through, which are copied at every run. */
const NONE = new Float32Array(0);

/** Runs a recorded output once. */
export async function runOutput<T, R extends AnyRuntime>(
  output: Output<T>,
  runtime: R | undefined,
): Promise<Placed<T, R>> {
  const passed = output.passed(runtime).map((elements) => passOn(elements, runtime));
  try {
    const results = await execute(output.recorded, runtime);
    const others = passed.length === 0 ? [] : await Promise.all(passed);
    return output.assemble(results, others, resultsOf(runtime)) as Placed<T, R>;
  } catch (error) {
    for (const other of passed) {
      if (other instanceof Promise) other.catch(() => {});
      else if (other instanceof DeviceData) other.release();
    }
    throw error;
  }
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
    others: others.map(({ tensor }) => tensor),
    passed: (runtime) =>
      others.map(({ tensor, name, length }) => {
        const elements = elementsOf(tensor);
        checkElements(name, elements, length, runtime);
        return elements;
      }),
    assemble(results, passed, make): unknown {
      const computed = results.values();
      const kept = passed.values();
      return mapTensors(
        own,
        (tensor) =>
          make(
            [...tensor.shape],
            (tensor instanceof SymbolicTensor ? computed : kept).next().value!,
          ) as Tensor,
      );
    },
  };
}
