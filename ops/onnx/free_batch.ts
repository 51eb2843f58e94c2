/**
 * A graph for any batch size. A function is traced for three sizes, and where its graphs differ in
 * nothing but extents that follow the batch, these are left open: no op has to say whether it lets a
 * batch pass, and what a function makes of `x.shape` is seen too.
 *
 * @module
 */
import { sameShape } from "../tensor/shape.ts";
import type { ModelConstant, ModelGraph, ModelNode, ModelPort } from "./model.ts";

/** What the extent of a batch is called. */
const BATCH = "N";

/** A graph, and the batch size that it was traced for. */
export interface Sized {
  readonly graph: ModelGraph;
  readonly batch: number;
}

/** Why graphs have not become one. */
export class NotFree extends Error {}

/**
 * One graph in the place of several.
 *
 * @throws {NotFree} If they differ in something else than extents that follow the batch.
 */
export function joinedOver(sizes: readonly Sized[]): ModelGraph {
  const [{ graph }, ...others] = sizes;
  const all = sizes.map((size) => size.graph);
  const { nodes, constants, inputs, outputs } = graph;
  for (const other of others) {
    if (!sameNodes(nodes, other.graph.nodes) || other.graph.constants.length !== constants.length) {
      throw new NotFree("its operators depend on the batch size");
    }
  }
  const shapes = new Set(
    nodes.flatMap(({ type, inputs }) => type === "Reshape" ? [inputs[1]] : []),
  );
  const batches = sizes.map(({ batch }) => batch);
  const ports = (list: readonly ModelPort[], of: (graph: ModelGraph) => readonly ModelPort[]) =>
    list.map(({ name }, i): ModelPort => ({
      name,
      shape: openShape(all.map((graph) => of(graph)[i].shape as number[]), batches),
    }));
  return {
    opset: graph.opset,
    nodes,
    constants: constants.map((constant, i) => {
      const versions = all.map((graph) => graph.constants[i]);
      return versions.every((version) => sameConstant(version, constant))
        ? constant
        : openConstant(versions, shapes.has(constant.name));
    }),
    inputs: ports(inputs, (graph) => graph.inputs),
    outputs: ports(outputs, (graph) => graph.outputs),
  };
}

/** A shape whose extents are open where they differ; where they are the batch size, that is their name. */
function openShape(
  shapes: readonly (readonly number[])[],
  batches: readonly number[],
): ModelPort["shape"] {
  if (shapes.some(({ length }) => length !== shapes[0].length)) {
    throw new NotFree("the rank of a result depends on the batch size");
  }
  return shapes[0].map((extent, axis) => {
    const extents = shapes.map((shape) => shape[axis]);
    if (extents.every((other) => other === extent)) return extent;
    return sameShape(extents, batches) ? BATCH : undefined;
  });
}

/** The shape of a Reshape, of which one extent may follow from the others. */
function openConstant(versions: readonly ModelConstant[], isShape: boolean): ModelConstant {
  const [{ name, shape }] = versions;
  const lists = versions.map(({ data }) => data);
  const isAlike = lists.every(({ length }) => length === lists[0].length);
  if (!isShape || !isAlike) throw new NotFree("a constant depends on the batch size");
  const [first] = lists as BigInt64Array[];
  const isOpen = (extent: bigint, i: number) => lists.some((list) => list[i] !== extent);
  const data = first.map((extent, i) => isOpen(extent, i) ? -1n : extent);
  if (data.filter((extent) => extent === -1n).length > 1) {
    throw new NotFree("a tensor is reshaped to two extents that depend on the batch size");
  }
  return { name, shape, data };
}

function sameConstant(a: ModelConstant, b: ModelConstant): boolean {
  if (a.name !== b.name || !sameShape(a.shape, b.shape)) return false;
  return a.data === b.data || a.data.every((element, i) => Object.is(element, b.data[i]));
}

function sameNodes(a: readonly ModelNode[], b: readonly ModelNode[]): boolean {
  return a.length === b.length && a.every((node, i) => textOf(node) === textOf(b[i]));
}

function textOf({ type, inputs, output, attributes }: ModelNode): string {
  return JSON.stringify(
    [type, inputs, output, attributes],
    (_, value) => typeof value === "bigint" ? `${value}` : value,
  );
}
