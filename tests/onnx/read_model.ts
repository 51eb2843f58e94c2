/**
 * Reads the bytes of a model, apart from what writes them.
 *
 * @module
 */

/** What is read of a model. */
export interface Model {
  readonly irVersion: number;
  readonly opset: number;
  readonly nodes: readonly ReadNode[];
  readonly constants: Readonly<Record<string, ReadConstant>>;
  readonly inputs: Ports;
  readonly outputs: Ports;
}

/** A node; attributes are as they stand in the file. */
export interface ReadNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, number | readonly number[]>>;
}

/** An initializer. */
export interface ReadConstant {
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** Shapes by names; an extent without a value and a name is a question mark. */
export type Ports = Readonly<Record<string, readonly (number | string)[]>>;

/** A field: a number, or bytes that may be a message. */
interface Field {
  readonly field: number;
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads a model. */
export function readModel(bytes: Uint8Array<ArrayBuffer>): Model {
  const model = fieldsOf(bytes);
  const graph = fieldsOf(one(model, 7).bytes);
  return {
    irVersion: one(model, 1).number,
    opset: one(fieldsOf(one(model, 8).bytes), 2).number,
    nodes: all(graph, 1).map(({ bytes }) => nodeOf(fieldsOf(bytes))),
    constants: Object.fromEntries(
      all(graph, 5).map(({ bytes }) => constantOf(fieldsOf(bytes))),
    ),
    inputs: portsOf(all(graph, 11)),
    outputs: portsOf(all(graph, 12)),
  };
}

function nodeOf(fields: readonly Field[]): ReadNode {
  const attributes = all(fields, 5).map(({ bytes }) => {
    const own = fieldsOf(bytes);
    const values = { 1: 2, 2: 3, 7: 8 } as Readonly<Record<number, number>>;
    const type = one(own, 20).number;
    const found = all(own, values[type]).map(({ number }) => number);
    return [textOf(own, 1), type === 7 ? found : found[0]];
  });
  return {
    type: textOf(fields, 4),
    inputs: all(fields, 1).map(({ bytes }) => new TextDecoder().decode(bytes)),
    output: textOf(fields, 2),
    attributes: Object.fromEntries(attributes),
  };
}

function constantOf(fields: readonly Field[]): [string, ReadConstant] {
  const { buffer } = one(fields, 9).bytes.slice();
  const numbers = one(fields, 2).number === 1
    ? [...new Float32Array(buffer)]
    : Array.from(new BigInt64Array(buffer), Number);
  return [textOf(fields, 8), { shape: all(fields, 1).map(({ number }) => number), numbers }];
}

function portsOf(fields: readonly Field[]): Ports {
  return Object.fromEntries(fields.map(({ bytes }) => {
    const own = fieldsOf(bytes);
    const tensor = fieldsOf(one(fieldsOf(one(own, 2).bytes), 1).bytes);
    const shape = all(fieldsOf(one(tensor, 2).bytes), 1).map(({ bytes }) => {
      const [extent] = fieldsOf(bytes);
      if (extent === undefined) return "?";
      return extent.field === 1 ? extent.number : new TextDecoder().decode(extent.bytes);
    });
    return [textOf(own, 1), shape];
  }));
}

function all(fields: readonly Field[], number: number): Field[] {
  return fields.filter(({ field }) => field === number);
}

function one(fields: readonly Field[], number: number): Field {
  const [found, ...others] = all(fields, number);
  if (found === undefined || others.length > 0) {
    throw new Error(`field ${number} must be there once, got ${others.length + Number(!!found)}`);
  }
  return found;
}

function textOf(fields: readonly Field[], number: number): string {
  return new TextDecoder().decode(one(fields, number).bytes);
}

function fieldsOf(bytes: Uint8Array<ArrayBuffer>): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const none = new Uint8Array(0);
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = tag >> 3;
    if ((tag & 7) === 0) fields.push({ field, number: varint(), bytes: none });
    else if ((tag & 7) === 5) {
      fields.push({ field, number: view.getFloat32(at, true), bytes: none });
      at += 4;
    } else {
      const length = varint();
      fields.push({ field, number: NaN, bytes: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}
