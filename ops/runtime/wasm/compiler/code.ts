/**
 * The code of one function, instruction by instruction.
 *
 * @module
 */
import { pushAll, pushSigned, pushUnsigned, sized, unsigned } from "./encoding.ts";
import {
  ACCESSES,
  INSTRUCTIONS,
  LANE_ACCESSES,
  TYPES,
  V128_CONST,
  type ValueType,
} from "./instructions.ts";

/** Numbers are stored on multiples of 2^2 bytes. */
const ALIGNMENT = 2;

/** The body of one function. */
export class Code {
  readonly #parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #bytes: number[] = [];

  constructor(parameters: readonly ValueType[]) {
    this.#parameters = parameters;
  }

  /** A new variable. */
  local(type: ValueType): number {
    return this.#parameters.length + this.#locals.push(type) - 1;
  }

  do(...names: (keyof typeof INSTRUCTIONS)[]): this {
    for (const name of names) pushAll(this.#bytes, INSTRUCTIONS[name]);
    return this;
  }

  get(local: number): this {
    return this.#with(0x20, local);
  }

  set(local: number): this {
    return this.#with(0x21, local);
  }

  tee(local: number): this {
    return this.#with(0x22, local);
  }

  call(index: number): this {
    return this.#with(0x10, index);
  }

  /** Opens a block; `branch(0)` inside leaves it. */
  block(): this {
    this.#bytes.push(0x02, 0x40);
    return this;
  }

  /** Opens a loop; `branch(0)` inside starts it again. */
  loop(): this {
    this.#bytes.push(0x03, 0x40);
    return this;
  }

  /** Opens what runs if the integer on the stack is not 0. */
  if(): this {
    this.#bytes.push(0x04, 0x40);
    return this;
  }

  branch(depth: number): this {
    return this.#with(0x0c, depth);
  }

  branchIf(depth: number): this {
    return this.#with(0x0d, depth);
  }

  integer(value: number): this {
    this.#bytes.push(0x41);
    pushSigned(this.#bytes, value);
    return this;
  }

  /** Four float32 numbers, or the same one four times. */
  floats(...numbers: number[]): this {
    return this.#constant(new Float32Array(4).map((_, i) => numbers[i % numbers.length]));
  }

  /** Four int32 numbers. */
  integers(...numbers: number[]): this {
    return this.#constant(Int32Array.from(numbers));
  }

  /** The same float64 number twice. */
  doubles(number: number): this {
    return this.#constant(Float64Array.of(number, number));
  }

  /** The same 64 bits twice. */
  longs(bits: bigint): this {
    return this.#constant(BigInt64Array.of(bits, bits));
  }

  access(name: keyof typeof ACCESSES, offset: number): this {
    return this.#access(ACCESSES[name], offset);
  }

  accessLane(name: keyof typeof LANE_ACCESSES, offset: number, lane: number): this {
    this.#access(LANE_ACCESSES[name], offset).#bytes.push(lane);
    return this;
  }

  /** Four of the eight 32-bit lanes of two vectors. */
  shuffle(...lanes: readonly number[]): this {
    this.#bytes.push(0xfd, 0x0d);
    for (const lane of lanes) {
      for (let byte = 0; byte < 4; byte++) this.#bytes.push(lane * 4 + byte);
    }
    return this;
  }

  /** The function as it stands in a module's code section. */
  body(): number[] {
    const locals = unsigned(this.#locals.length);
    for (const type of this.#locals) locals.push(1, TYPES[type]);
    return sized(locals.concat(this.#bytes, INSTRUCTIONS.end));
  }

  #with(instruction: number, index: number): this {
    this.#bytes.push(instruction);
    pushUnsigned(this.#bytes, index);
    return this;
  }

  #access(instruction: readonly number[], offset: number): this {
    pushAll(this.#bytes, instruction);
    this.#bytes.push(ALIGNMENT);
    pushUnsigned(this.#bytes, offset);
    return this;
  }

  #constant(values: Float32Array | Int32Array | Float64Array | BigInt64Array): this {
    pushAll(this.#bytes, V128_CONST);
    pushAll(this.#bytes, new Uint8Array(values.buffer));
    return this;
  }
}
