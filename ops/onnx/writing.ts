/**
 * A model while its function is traced: which value of the graph each tensor is.
 *
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { elementsOf } from "../tensor/elements.ts";
import { shown } from "../tensor/shown.ts";
import type { AnyTensor, Tensor, Vector } from "../tensor/types.ts";
import type { Graph, Value } from "./graph.ts";

/** What this is called in messages. */
export const ACTION = "write an ONNX model";

/** How ops are written. */
export interface Style {
  /** Statistics as primitives, so that data far from zero keep their digits. */
  readonly precise: boolean;
}

/** The tensors of a trace, and the graph that their values are in. */
export class Writing {
  readonly graph: Graph;
  readonly style: Style;
  /** Where the recorders of the ops record: it checks arguments and gives results their shapes. */
  readonly plan: Plan;
  readonly #values = new Map<unknown, Value>();

  constructor(graph: Graph, style: Style, plan: Plan) {
    this.graph = graph;
    this.style = style;
    this.plan = plan;
  }

  /** Says which value a tensor of the trace is. */
  bind(tensor: Tensor, value: Value): void {
    this.#values.set(tensor, value);
  }

  /** The value of a tensor of the trace, or a constant of one from outside, which is read now. */
  valueOf(name: string, vector: Vector | AnyTensor): Value {
    const known = this.#values.get(vector);
    if (known !== undefined) return known;
    const value = this.#constant(name, vector);
    this.#values.set(vector, value);
    return value;
  }

  #constant(name: string, vector: Vector | AnyTensor): Value {
    if (Array.isArray(vector)) {
      return this.graph.constant(Float32Array.from(vector), [vector.length], name);
    }
    if (vector instanceof Float32Array) return this.graph.constant(vector, undefined, name);
    const tensor = vector as Tensor;
    // Its plan says so if it is another one.
    if (tensor instanceof SymbolicTensor) tensor.valueIn(this.plan);
    const data = elementsOf(tensor);
    if (!(data instanceof Float32Array)) {
      throw new TypeError(
        `Cannot ${ACTION}: ${name} must be in memory, where its read() brings it, got ${
          shown(data)
        }`,
      );
    }
    return this.graph.constant(data, [...tensor.shape], name);
  }
}
