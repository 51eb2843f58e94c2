/**
 * A WebAssembly module as bytes: functions around an imported memory.
 *
 * @module
 */
import { Code } from "./code.ts";
import { sized, unsigned } from "./encoding.ts";
import { TYPES, type ValueType } from "./instructions.ts";

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

  /** Adds a function and returns its index; one with a name is exported. */
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
