/**
 * From a recorded op to its results: one plan, one run, and the tree that the op returns.
 *
 * @module
 */
import type { Plan, Recorded, Value } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { execute, resultsOf } from "../runtime/execute.ts";
import type { AnyRuntime, Placed } from "../runtime/runtime.ts";
import { checkKept, checkTensor } from "../tensor/checks.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { AnyTensor, Tensor } from "../tensor/types.ts";

/** A tree that a plan computes: where tensors go, and how it is put together. */
export interface Output<T> {
  readonly recorded: Recorded;
  /** Copies of the tensors that pass through unchanged, as they are now. */
  passed(): Float32Array[];
  /** The tree with the results of a run, and what passed through, in place of its tensors. */
  assemble(
    results: readonly Float32Array[],
    passed: readonly Float32Array[],
    make: (shape: readonly number[], data: Float32Array) => AnyTensor,
  ): unknown;
}

/** Stands for the data of a tensor that passes through, which are copied at every run. */
const NONE = new Float32Array(0);

/** Runs a recorded output once. */
export async function runOutput<T, R extends AnyRuntime>(
  output: Output<T>,
  runtime: R | undefined,
): Promise<Placed<T, R>> {
  const passed = output.passed();
  const results = await execute(output.recorded, runtime);
  return output.assemble(results, passed, resultsOf(runtime)) as Placed<T, R>;
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
