/**
 * Graphs while they are written: nodes over values that have no names yet.
 *
 * @module
 */
import type { Attributes, ModelConstant, ModelGraph, ModelNode, Opset } from "./model.ts";

/**
 * A tensor of a graph: an input, what a node computes, or a constant. Constants are computed with in
 * float64 and rounded to float32 in the end.
 */
export interface Value {
  readonly shape: readonly number[];
  /** What its name is made of. */
  readonly label: string;
  /** The numbers of a constant; big integers are a list of axes or extents. */
  readonly data?: Float32Array | Float64Array | BigInt64Array;
}

/** An operator, and what it is applied to. */
export interface Node {
  readonly type: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attributes: Attributes;
}

/** A value with the name under which a graph takes or returns it. */
export interface Port {
  readonly name: string;
  readonly value: Value;
}

/** A graph that is being written. */
export class Graph {
  /** The operator set that it is written in. */
  readonly opset: Opset;
  /** The op that is being written, for names. */
  op = "";
  readonly #nodes: Node[] = [];
  readonly #producers = new Map<Value, Node>();
  readonly #constants = new Map<string, Value>();

  constructor(opset: Opset) {
    this.opset = opset;
  }

  /** Appends a node. */
  node(
    type: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes: Attributes = {},
  ): Value {
    const output = { shape, label: this.op };
    const node = { type, inputs, output, attributes };
    this.#nodes.push(node);
    this.#producers.set(output, node);
    return output;
  }

  /** The node that computes a value, if one does. */
  producerOf(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  /** A constant of numbers. */
  constant(
    data: Float32Array | Float64Array,
    shape: readonly number[] = [data.length],
    label = "constant",
  ): Value {
    return { shape, data, label: `${this.op}.${label}` };
  }

  /** A constant of one number; one number is one constant. */
  number(value: number): Value {
    const name = Object.is(value, -0) ? "-0" : `${value}`;
    return this.#shared(name, () => ({ shape: [], data: Float64Array.of(value), label: name }));
  }

  /** A constant list of axes; one list is one constant. */
  axes(axes: readonly number[]): Value {
    return this.#shared(`axes ${axes}`, () => integers(axes, "axes"));
  }

  /** A constant shape. Each is one of its own, since one extent of it may be left open later. */
  extents(shape: readonly number[]): Value {
    return integers(shape, "shape");
  }

  /** The graph with names, and with those nodes alone that the outputs need. */
  finish(inputs: readonly Port[], outputs: readonly Port[]): ModelGraph {
    const names = new Names([...inputs, ...outputs].map(({ name }) => name));
    for (const { name, value } of inputs) names.give(value, name);
    const copies: Node[] = [];
    for (const { name, value } of outputs) {
      if (this.#producers.has(value) && !names.has(value)) names.give(value, name);
      else {
        const output = { shape: value.shape, label: name };
        names.give(output, name);
        copies.push({ type: "Identity", inputs: [value], output, attributes: {} });
      }
    }
    const nodes = [
      ...this.#needed([
        ...copies.flatMap((copy) => copy.inputs),
        ...outputs.map(({ value }) => value),
      ]),
      ...copies,
    ];
    const constants = new Map<Value, ModelConstant>();
    const written = nodes.map(({ type, inputs, output, attributes }): ModelNode => {
      for (const value of inputs) {
        if (value.data === undefined || constants.has(value)) continue;
        constants.set(value, {
          name: names.of(value),
          shape: value.shape,
          data: value.data instanceof Float64Array ? Float32Array.from(value.data) : value.data,
        });
      }
      return {
        type,
        inputs: inputs.map((value) => names.of(value)),
        output: names.of(output),
        attributes,
      };
    });
    const ports = (list: readonly Port[]) =>
      list.map(({ name, value }) => ({ name, shape: value.shape }));
    return {
      opset: this.opset,
      nodes: written,
      constants: [...constants.values()],
      inputs: ports(inputs),
      outputs: ports(outputs),
    };
  }

  #shared(key: string, make: () => Value): Value {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#constants.set(key, made);
    return made;
  }

  /** The nodes that values depend on, in their order. */
  #needed(values: readonly Value[]): Node[] {
    const needed = new Set(values);
    return this.#nodes.toReversed().filter(({ inputs, output }) => {
      if (!needed.has(output)) return false;
      for (const input of inputs) needed.add(input);
      return true;
    }).toReversed();
  }
}

function integers(values: readonly number[], label: string): Value {
  return { shape: [values.length], data: BigInt64Array.from(values, BigInt), label };
}

/** Names of values, no two alike. */
class Names {
  readonly #taken: Set<string>;
  readonly #names = new Map<Value, string>();

  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken);
  }

  has(value: Value): boolean {
    return this.#names.has(value);
  }

  give(value: Value, name: string): void {
    this.#names.set(value, name);
  }

  of(value: Value): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    let name = value.label;
    for (let i = 2; this.#taken.has(name); i++) name = `${value.label}_${i}`;
    this.#taken.add(name);
    this.give(value, name);
    return name;
  }
}
