/**
 * ONNX models as bytes: the few messages of onnx.proto that a graph of one op needs.
 *
 * @module
 */

/** A node of the graph. */
export interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Numbers are floats, bigints are integers, lists are lists of integers. */
  readonly attributes?: Readonly<Record<string, number | bigint | readonly number[]>>;
}

/** A constant of the graph: float32 numbers, or int64 ones. */
export interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A graph from `x` to `y`, both of one shape. */
export interface Graph {
  readonly shape: readonly number[];
  readonly nodes: readonly Node[];
  readonly constants: Readonly<Record<string, Constant>>;
}

/** The versions of the format and of the operators that the graphs are written in. */
const IR_VERSION = 10;
const OPERATORS = 21;
const FLOAT = 1;
const INT64 = 7;

/** The bytes of a model. */
export function onnxModel({ shape, nodes, constants }: Graph): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, nodeOf(node))),
    text(2, "graph"),
    ...Object.entries(constants).map(([name, constant]) => message(5, tensorOf(name, constant))),
    message(11, valueInfo("x", shape)),
    message(12, valueInfo("y", shape)),
  ];
  return joined([
    integer(1, IR_VERSION),
    message(8, [text(1, ""), integer(2, OPERATORS)]),
    message(7, graph),
  ]);
}

function nodeOf({ type, inputs, output, attributes = {} }: Node): Uint8Array[] {
  return [
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
  ];
}

function attribute(name: string, value: number | bigint | readonly number[]): Uint8Array[] {
  if (typeof value === "number") return [text(1, name), float(2, value), integer(20, 1)];
  if (typeof value === "bigint") return [text(1, name), integer(3, value), integer(20, 2)];
  return [text(1, name), ...value.map((each) => integer(8, each)), integer(20, 7)];
}

function tensorOf(name: string, { shape, data }: Constant): Uint8Array[] {
  return [
    ...shape.map((extent) => integer(1, extent)),
    integer(2, data instanceof Float32Array ? FLOAT : INT64),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function valueInfo(name: string, shape: readonly number[]): Uint8Array[] {
  const dimensions = shape.map((extent) => message(1, [integer(1, extent)]));
  const tensor = [integer(1, FLOAT), message(2, dimensions)];
  return [text(1, name), message(2, [message(1, tensor)])];
}

function integer(field: number, value: number | bigint): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(value)]);
}

function float(field: number, value: number): Uint8Array {
  const number = new Uint8Array(Float32Array.of(value).buffer);
  return Uint8Array.from([...varint(field << 3 | 5), ...number]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

function message(field: number, parts: readonly Uint8Array[]): Uint8Array {
  return bytes(field, joined(parts));
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return joined([Uint8Array.from([...varint(field << 3 | 2), ...varint(content.length)]), content]);
}

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left === 0n ? low : low | 0x80);
  } while (left !== 0n);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
