/**
 * Models as bytes: the messages of onnx.proto that a graph of float32 tensors needs.
 *
 * Source: onnx.proto of ONNX 1.16, whose numbers of fields these are.
 *
 * @module
 */
import { bytes, type Field, float, integer, joined, message, text } from "./protobuf.ts";

/** The operator sets that are written. */
export type Opset = 17 | 21;

/** Attributes of a node: numbers are floats, bigints are integers, lists are lists of integers. */
export type Attributes = Readonly<Record<string, number | bigint | readonly number[]>>;

/** A node by the names of what it reads and of what it computes. */
export interface ModelNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Attributes;
}

/** An initializer: float32 numbers, or int64 ones. */
export interface ModelConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** An input or output. An extent that is not fixed has a name, or is left open. */
export interface ModelPort {
  readonly name: string;
  readonly shape: readonly (number | string | undefined)[];
}

/** A graph whose values have names. */
export interface ModelGraph {
  readonly opset: Opset;
  readonly nodes: readonly ModelNode[];
  readonly constants: readonly ModelConstant[];
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
}

/** The version of the format that came with each operator set. */
const IR_VERSIONS: Readonly<Record<Opset, number>> = { 17: 8, 21: 10 };

/** Types of elements. */
const FLOAT = 1;
const INT64 = 7;

/** Types of attributes. */
const FLOAT_ATTRIBUTE = 1;
const INTEGER_ATTRIBUTE = 2;
const INTEGERS_ATTRIBUTE = 7;

/** The bytes of a model. */
export function modelOf(graph: ModelGraph): Uint8Array<ArrayBuffer> {
  return joined([
    integer(1, IR_VERSIONS[graph.opset]),
    text(2, "kernorm"),
    message(7, [
      ...graph.nodes.map((node) => message(1, fieldsOfNode(node))),
      text(2, "graph"),
      ...graph.constants.map((constant) => message(5, fieldsOfConstant(constant))),
      ...graph.inputs.map((port) => message(11, fieldsOfPort(port))),
      ...graph.outputs.map((port) => message(12, fieldsOfPort(port))),
    ]),
    message(8, [text(1, ""), integer(2, graph.opset)]),
  ]);
}

function fieldsOfNode({ type, inputs, output, attributes }: ModelNode): Field[] {
  return [
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, output),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => message(5, fieldsOf(name, value))),
  ];
}

function fieldsOf(name: string, value: Attributes[string]): Field[] {
  if (typeof value === "number") {
    return [text(1, name), float(2, value), integer(20, FLOAT_ATTRIBUTE)];
  }
  if (typeof value === "bigint") {
    return [text(1, name), integer(3, value), integer(20, INTEGER_ATTRIBUTE)];
  }
  return [text(1, name), ...value.map((each) => integer(8, each)), integer(20, INTEGERS_ATTRIBUTE)];
}

function fieldsOfConstant({ name, shape, data }: ModelConstant): Field[] {
  return [
    ...shape.map((extent) => integer(1, extent)),
    integer(2, data instanceof Float32Array ? FLOAT : INT64),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function fieldsOfPort({ name, shape }: ModelPort): Field[] {
  const dimensions = shape.map((extent) => {
    if (extent === undefined) return message(1, []);
    return message(1, [typeof extent === "number" ? integer(1, extent) : text(2, extent)]);
  });
  const tensor = [integer(1, FLOAT), message(2, dimensions)];
  return [text(1, name), message(2, [message(1, tensor)])];
}
