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
    const limits = [shared ? 3 : 1].concat(unsigned(pages), unsigned(pages));
    const exported = this.#functions.flatMap(({ name }, index) =>
      name === undefined ? [] : [text(name).concat(0x00, unsigned(index))]
    );
    const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    return new Uint8Array(header.concat(
      // A type for each function: two alike ones do no harm.
      section(1, this.#functions.map(({ type }) => type)),
      section(2, [text("env").concat(text("memory"), 0x02, limits)]),
      section(3, this.#functions.map((_, index) => unsigned(index))),
      section(7, exported),
      section(10, this.#functions.map(({ code }) => code.body())),
    ));
  }
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  return [id].concat(sized(unsigned(entries.length).concat(...entries)));
}

function text(name: string): number[] {
  return sized(Array.from(new TextEncoder().encode(name)));
}
