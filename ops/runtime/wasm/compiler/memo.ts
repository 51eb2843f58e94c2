/**
 * What a straight run of code has computed already, and those around it.
 *
 * @module
 */
import type { Code } from "./code.ts";

/** Remembers the variables of values, by keys, in nested runs of code. */
export class Memo {
  readonly #code: Code;
  readonly #runs: Map<string, number>[] = [];

  constructor(code: Code) {
    this.#code = code;
  }

  /** Emits a straight run of code, which sees what those around it have computed. */
  inNewRun(emit: () => void): void {
    this.#runs.push(new Map());
    emit();
    this.#runs.pop();
  }

  /** Computes something once in a run of code and leaves it on the stack. */
  once(key: string, compute: () => void): void {
    for (const run of this.#runs) {
      const known = run.get(key);
      if (known !== undefined) {
        this.#code.get(known);
        return;
      }
    }
    compute();
    const local = this.#code.local("v128");
    this.#code.tee(local);
    this.#runs.at(-1)!.set(key, local);
  }
}
