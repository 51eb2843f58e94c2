import type { Node } from "ts-morph";
import type { ArgumentKind } from "../../ops/plan/kernel.ts";
import type { Report } from "../problem.ts";
import type { Template } from "../template.ts";

/**
 * What a name stands for inside a kernel. An integer is a `const` that is inlined, so that it may
 * stand in an index.
 */
export type Meaning = ArgumentKind | "hole" | "counter" | "integer" | "const" | "let";

/** Arguments and locals: `u_0` is what a lane makes of `u`. */
export const CAMEL_CASE = /^[a-z][A-Za-z0-9]*$/;

/** The names that are visible at a place of a kernel. */
export class Scope {
  readonly #names: Map<string, Meaning>;
  /** Which locals are true or false, and no numbers. */
  readonly #conditions: Set<string>;
  /** The members of `this.constants`. */
  readonly constants: ReadonlySet<string>;

  private constructor(
    names: Iterable<[string, Meaning]>,
    constants: ReadonlySet<string>,
    conditions: Iterable<string> = [],
  ) {
    this.#names = new Map(names);
    this.#conditions = new Set(conditions);
    this.constants = constants;
  }

  /** What a kernel's body sees. */
  static of({ arguments: args, constants, holes }: Template): Scope {
    const names = [
      ...[...holes.keys()].map((name): [string, Meaning] => [name, "hole"]),
      ...args.map(({ name, kind }): [string, Meaning] => [name, kind]),
    ];
    return new Scope(names, constants);
  }

  /** What a block inside sees; what it declares stays in it. */
  inner(): Scope {
    return new Scope(this.#names, this.constants, this.#conditions);
  }

  declare(name: string, meaning: Meaning, isCondition = false): void {
    this.#names.set(name, meaning);
    if (isCondition) this.#conditions.add(name);
    else this.#conditions.delete(name);
  }

  /** Whether a name stands for a number. */
  isNumber(name: string): boolean {
    const meaning = this.#names.get(name);
    if (meaning === "const" || meaning === "let") return !this.#conditions.has(name);
    return meaning === "scalar" || meaning === "counter" || meaning === "integer";
  }

  /** What a name stands for, or `undefined` if it comes from outside the kernel. */
  meaningOf(name: string): Meaning | undefined {
    return this.#names.get(name);
  }
}

/** Reports a new name that is not camelCase, or that hides another. */
export function checkName(node: Node, scope: Scope, report: Report): void {
  const name = node.getText();
  if (!CAMEL_CASE.test(name)) report(node, `local must have a camelCase name, got ${name}`);
  if (scope.meaningOf(name) !== undefined || name === "at") {
    report(node, `local ${name} must not hide another ${name}`);
  }
}
