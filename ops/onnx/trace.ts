/**
 * From a function of ops to a graph.
 *
 * @module
 */
import type { PipelineOps } from "../pipeline/ops.ts";
import { checkTrees } from "../plan/check_trees.ts";
import { Plan } from "../plan/plan.ts";
import { SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import { readable } from "../tensor/arguments.ts";
import { sizeOf } from "../tensor/shape.ts";
import { Graph, type Port } from "./graph.ts";
import type { ModelGraph, Opset } from "./model.ts";
import { ACTION, type Style, Writing } from "./writing.ts";
import { writingOps } from "./writing_ops.ts";

/** A function whose graph is wanted, and how it is to be written. */
export interface Tracing extends Style {
  readonly fn: (ops: PipelineOps, input: unknown) => unknown;
  /** A tree of tensors, of which the shapes count, and of plain values. */
  readonly input: unknown;
  readonly opset: Opset;
}

/** The shape that an input of a name is traced with. */
export type ShapeOf = (name: string, shape: readonly number[]) => readonly number[];

/** The graph of a function. */
export function traced({ fn, input, opset, precise }: Tracing, shapeOf: ShapeOf): ModelGraph {
  const plan = new Plan();
  const w = new Writing(new Graph(opset), { precise }, plan);
  const inputs: Port[] = [];
  const leaves = new Set<unknown>();
  const symbolic = mapTensors(input, (tensor, path) => {
    const name = nameOf(path, "x");
    const shape = shapeOf(name, tensor.shape);
    const own = symbolicTensor(plan, `input${path}`, shape);
    leaves.add(own.owner);
    const value = { shape, label: name };
    w.bind(own.tensor, value);
    inputs.push({ name, value });
    return own.tensor;
  });
  const returned = fn(writingOps(w), symbolic);
  if (returned instanceof Promise) {
    returned.catch(() => {});
    throw new TypeError(`Cannot ${ACTION}: fn must be synchronous, got a promise`);
  }
  checkTrees(ACTION, { output: returned });
  const taken = new Set(inputs.map(({ name }) => name));
  const outputs: Port[] = [];
  const computed: SymbolicTensor[] = [];
  readable(ACTION, "output", () =>
    mapTensors(returned, (tensor, path) => {
      let name = nameOf(path, "y");
      while (taken.has(name)) name = `output.${name}`;
      taken.add(name);
      outputs.push({ name, value: w.valueOf(`output${path}`, tensor) });
      if (tensor instanceof SymbolicTensor) computed.push(tensor);
      return tensor;
    }, ACTION));
  if (outputs.length === 0) {
    throw new TypeError(`Cannot ${ACTION}: fn must return at least one tensor, got none`);
  }
  checkCaptured(plan, computed, leaves);
  return w.graph.finish(inputs, outputs);
}

/** A tensor that stands for an input, and what its data belong to. */
function symbolicTensor(
  plan: Plan,
  name: string,
  shape: readonly number[],
): { readonly tensor: SymbolicTensor; readonly owner: unknown } {
  const owner = {};
  const none = () => new Float32Array(0);
  return { tensor: new SymbolicTensor(plan.input(name, owner, sizeOf(shape), none), shape), owner };
}

/** Captured numbers are looked at as a run of a pipeline would: weights must not be negative, say. */
function checkCaptured(
  plan: Plan,
  results: readonly SymbolicTensor[],
  leaves: ReadonlySet<unknown>,
): void {
  const { sources, owners, checks } = plan.finish(results.map((result) => result.valueIn(plan)));
  for (const [i, check] of checks) {
    const data = leaves.has(owners[i]) ? undefined : sources[i]();
    if (data instanceof Float32Array) check(data);
  }
}

/** The name of a leaf: its path, without the dot in front. */
export function nameOf(path: string, whole: string): string {
  return path === "" ? whole : path.replace(/^\./, "");
}
