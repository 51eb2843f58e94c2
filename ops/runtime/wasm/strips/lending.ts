/**
 * Executables that several programs run with.
 *
 * @module
 */
import type { Program } from "../../../plan/program.ts";
import type { WasmExecutable } from "../executable.ts";

/** An executable that others may use too, until it is given back. */
export interface Borrowed {
  readonly executable: WasmExecutable;
  readonly giveBack: () => void;
}

/** Compiles each program once while anybody uses it. */
export class Lending {
  readonly #compile: (program: Program) => WasmExecutable;
  readonly #lent = new Map<string, { readonly executable: WasmExecutable; borrowers: number }>();

  constructor(compile: (program: Program) => WasmExecutable) {
    this.#compile = compile;
  }

  /** Lends the executable of a program. */
  get(program: Program): Borrowed {
    const { key } = program;
    const lent = this.#lent.get(key) ?? { executable: this.#compile(program), borrowers: 0 };
    lent.borrowers++;
    this.#lent.set(key, lent);
    const { executable } = lent;
    const giveBack = () => {
      if (--lent.borrowers > 0) return;
      this.#lent.delete(key);
      executable.dispose();
    };
    return { executable, giveBack };
  }
}
