/**
 * Integer arithmetic of a kernel as affine forms of the cell's coordinates and the loops' counters.
 *
 * @module
 */
import { type Affine, constant, plus, product, times } from "./affine.ts";
import type { Meanings } from "./meanings.ts";
import { type Expression as Syntax, ownerOf } from "./syntax.ts";

/** An expression as an affine form, if it is one; sums of plain numbers are not taken for one. */
export function integerOf(syntax: Syntax, meanings: Meanings): Affine | undefined {
  switch (syntax.type) {
    case "Literal":
      return Number.isInteger(syntax.value) ? constant(syntax.value as number) : undefined;
    case "Identifier": {
      const meaning = meanings.get(syntax.name);
      return meaning !== undefined && "terms" in meaning ? meaning : undefined;
    }
    case "UnaryExpression": {
      const a = syntax.operator === "-" ? integerOf(syntax.argument, meanings) : undefined;
      const isZero = a?.constant === 0 && a.terms.size === 0;
      // No integer is the zero with a sign.
      return a && !isZero ? times(a, -1) : undefined;
    }
    case "BinaryExpression": {
      const a = integerOf(syntax.left, meanings);
      const b = a && integerOf(syntax.right, meanings);
      if (a === undefined || b === undefined) return undefined;
      if (syntax.operator === "+") return plus(a, b);
      if (syntax.operator === "-") return plus(a, b, -1);
      return syntax.operator === "*" ? product(a, b) : undefined;
    }
    case "MemberExpression": {
      const [owner, name] = ownerOf(syntax);
      if (owner === "thread") return meanings.cell[name];
      const value = owner === "constants" ? meanings.constants[name] : undefined;
      return Number.isInteger(value) ? constant(value!) : undefined;
    }
    default:
      return undefined;
  }
}
