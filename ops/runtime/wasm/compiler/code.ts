/**
 * WebAssembly as bytes: the instructions that the tile compiler emits, and a module around them.
 *
 * @module
 */

/** Types of parameters, results and variables. */
export type ValueType = "i32" | "v128";

const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };

const simd = (code: number) => [0xfd, ...unsigned(code)];

/** Instructions without immediates, by their names in the specification. */
const INSTRUCTIONS = {
  "end": [0x0b],
  "select": [0x1b],
  "i32.eqz": [0x45],
  "i32.lt_s": [0x48],
  "i32.gt_s": [0x4a],
  "i32.ge_s": [0x4e],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.div_u": [0x6e],
  "i32.rem_u": [0x70],
  "i32.shl": [0x74],
  "i32x4.splat": simd(0x11),
  "f32x4.eq": simd(0x41),
  "f32x4.ne": simd(0x42),
  "f32x4.lt": simd(0x43),
  "f32x4.gt": simd(0x44),
  "f32x4.le": simd(0x45),
  "f32x4.ge": simd(0x46),
  "f64x2.eq": simd(0x47),
  "f64x2.lt": simd(0x49),
  "v128.not": simd(0x4d),
  "v128.and": simd(0x4e),
  "v128.or": simd(0x50),
  "v128.xor": simd(0x51),
  "v128.bitselect": simd(0x52),
  "f32x4.demote_f64x2_zero": simd(0x5e),
  "f64x2.promote_low_f32x4": simd(0x5f),
  "f32x4.floor": simd(0x68),
  "f64x2.nearest": simd(0x94),
  "i32x4.gt_s": simd(0x3b),
  "i32x4.add": simd(0xae),
  "i64x2.shl": simd(0xcb),
  "i64x2.shr_u": simd(0xcd),
  "i64x2.add": simd(0xce),
  "i64x2.sub": simd(0xd1),
  "f32x4.abs": simd(0xe0),
  "f32x4.neg": simd(0xe1),
  "f32x4.sqrt": simd(0xe3),
  "f32x4.add": simd(0xe4),
  "f32x4.sub": simd(0xe5),
  "f32x4.mul": simd(0xe6),
  "f32x4.div": simd(0xe7),
  "f32x4.min": simd(0xe8),
  "f32x4.max": simd(0xe9),
  "f32x4.pmin": simd(0xea),
  "f64x2.abs": simd(0xec),
  "f64x2.add": simd(0xf0),
  "f64x2.sub": simd(0xf1),
  "f64x2.mul": simd(0xf2),
  "f64x2.div": simd(0xf3),
  "f64x2.min": simd(0xf4),
  "f64x2.max": simd(0xf5),
  "f32x4.convert_i32x4_s": simd(0xfa),
  "f32x4.relaxed_madd": simd(0x105),
  "f32x4.relaxed_nmadd": simd(0x106),
} as const satisfies Record<string, readonly number[]>;

/** Instructions that read or write memory. */
const ACCESSES = {
  "i32.load": [0x28],
  "v128.load": simd(0x00),
  "v128.load32_splat": simd(0x09),
  "v128.store": simd(0x0b),
} as const satisfies Record<string, readonly number[]>;

/** Instructions on one lane in memory. */
const LANE_ACCESSES = {
  "v128.load32_lane": simd(0x56),
  "v128.store32_lane": simd(0x5a),
} as const satisfies Record<string, readonly number[]>;

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
    for (const name of names) this.#bytes.push(...INSTRUCTIONS[name]);
    return this;
  }

  get(local: number): this {
    return this.#with([0x20], local);
  }

  set(local: number): this {
    return this.#with([0x21], local);
  }

  tee(local: number): this {
    return this.#with([0x22], local);
  }

  call(index: number): this {
    return this.#with([0x10], index);
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
    return this.#with([0x0c], depth);
  }

  branchIf(depth: number): this {
    return this.#with([0x0d], depth);
  }

  integer(value: number): this {
    this.#bytes.push(0x41, ...signed(value));
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
    this.#bytes.push(...ACCESSES[name], ALIGNMENT, ...unsigned(offset));
    return this;
  }

  accessLane(name: keyof typeof LANE_ACCESSES, offset: number, lane: number): this {
    this.#bytes.push(...LANE_ACCESSES[name], ALIGNMENT, ...unsigned(offset), lane);
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
    const locals = this.#locals.flatMap((type) => [1, TYPES[type]]);
    const body = [...unsigned(this.#locals.length), ...locals];
    for (const byte of this.#bytes) body.push(byte);
    body.push(...INSTRUCTIONS.end);
    return sized(body);
  }

  #with(instruction: readonly number[], index: number): this {
    this.#bytes.push(...instruction, ...unsigned(index));
    return this;
  }

  #constant(values: Float32Array | Int32Array | Float64Array | BigInt64Array): this {
    this.#bytes.push(...simd(0x0c), ...new Uint8Array(values.buffer));
    return this;
  }
}

/** The memory that a module works on; its size does not change. */
export interface MemoryLimits {
  readonly pages: number;
  readonly shared: boolean;
}

interface Defined {
  readonly type: readonly number[];
  readonly code: Code;
  readonly name: string | undefined;
}

/** A module that imports `env.memory`. */
export class Module {
  readonly #functions: Defined[] = [];

  /** Adds a function and answers with its index; one with a name is exported. */
  add(
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    emit: (code: Code) => void,
    name?: string,
  ): number {
    const code = new Code(parameters);
    emit(code);
    const types = (list: readonly ValueType[]) => [list.length, ...list.map((type) => TYPES[type])];
    return this.#functions.push({
      type: [0x60, ...types(parameters), ...types(results)],
      code,
      name,
    }) - 1;
  }

  bytes({ pages, shared }: MemoryLimits): Uint8Array<ArrayBuffer> {
    const limits = [shared ? 3 : 1, ...unsigned(pages), ...unsigned(pages)];
    const exported = this.#functions.flatMap(({ name }, index) =>
      name === undefined ? [] : [[...text(name), 0x00, ...unsigned(index)]]
    );
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      // A type for each function: two alike ones do no harm.
      ...section(1, this.#functions.map(({ type }) => type)),
      ...section(2, [[...text("env"), ...text("memory"), 0x02, ...limits]]),
      ...section(3, this.#functions.map((_, index) => unsigned(index))),
      ...section(7, exported),
      ...section(10, this.#functions.map(({ code }) => code.body())),
    ]);
  }
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...unsigned(entries.length), ...entries.flat()])];
}

function text(name: string): number[] {
  return sized([...new TextEncoder().encode(name)]);
}

function sized(bytes: readonly number[]): number[] {
  const all = unsigned(bytes.length);
  for (const byte of bytes) all.push(byte);
  return all;
}

/** LEB128 of a number from 0 to 2^32 - 1. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value >>> 0;
  do {
    const low = left & 0x7f;
    left >>>= 7;
    bytes.push(left === 0 ? low : low | 0x80);
  } while (left !== 0);
  return bytes;
}

/** LEB128 of an int32. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let left = value | 0;
  for (;;) {
    const low = left & 0x7f;
    left >>= 7;
    const done = (left === 0 && (low & 0x40) === 0) || (left === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}
