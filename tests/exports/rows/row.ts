/**
 * What a row of the table says, and rows of the usual forms.
 *
 * @module
 */
import { DEFAULT_PLAN_LIMIT, openRuntime } from "../../../ops/runtime/open.ts";
import { GuardedArena } from "../../support/guarded_arena.ts";

// deno-lint-ignore no-explicit-any -- called with what the types would refuse
export type Anything = any;

/** What an argument is: a record has known names, a table any names; trees may be lists as well. */
export type Kind = "record" | "table" | "tree" | "other";

/** How a function is called. */
export interface Row {
  readonly call: (...args: Anything[]) => unknown;
  /** Arguments of calls that work; the first has every argument. */
  readonly calls: readonly (() => unknown[])[];
  readonly kinds: readonly Kind[];
  /** For each argument, which of the hostile values are none: it takes them. */
  readonly takes: readonly (readonly string[])[];
  /** Takes one argument, as callbacks of `map` do. */
  readonly maps?: true;
  /** Runs inside a pipeline. */
  readonly traced?: true;
}

/** Rows by the names of their functions. */
export type Rows = Readonly<Record<string, Row>>;

/** The rows of one family of functions. */
export interface Family {
  /** One for each exported function. */
  readonly exports: Rows;
  /** One for each kind of function that these return. */
  readonly returned?: Rows;
  /** One for each op inside a pipeline. */
  readonly traced?: Rows;
}

/** In guard mode: what a hostile call reads or writes outside of a block of memory is seen. */
export const runtime = await openRuntime("wasm", DEFAULT_PLAN_LIMIT, { arena: GuardedArena });
/** What an optional argument takes. */
export const OPTIONAL = ["undefined"];
/** What a number in general takes. */
export const NUMBERS = ["a number", "a fraction", "NaN", "a huge number"];
/** Nothing of what is hostile. */
export const NONE: readonly string[] = [];

/** A function of x, parameters and options. */
export function op(
  call: Anything,
  calls: readonly (() => unknown[])[],
  paramsAreOptional = false,
): Row {
  const takes = [NONE, paramsAreOptional ? OPTIONAL : NONE, OPTIONAL];
  return { call, calls, kinds: ["other", "record", "record"], takes };
}

/** A function of options alone. */
export function ofOptions(call: Anything, ...options: (() => object)[]): Row {
  const calls = options.map((option) => () => [option()]);
  return { call, calls, kinds: ["record"], takes: [OPTIONAL], maps: true };
}

/** A function of weights and what there is to say about them. */
export function conversion(call: Anything, ...calls: (() => unknown[])[]): Row {
  const rest = calls[0]().slice(1);
  return {
    call,
    calls,
    kinds: ["record", ...rest.map(() => "record" as const)],
    takes: [NONE, ...rest.map(() => OPTIONAL)],
  };
}

/** A function of no arguments. */
export function ofNothing(call: Anything): Row {
  return { call, calls: [() => []], kinds: [], takes: [] };
}

/** A function of one argument that is no record. */
export function ofOne(
  call: Anything,
  argument: () => unknown,
  takes: readonly string[] = NONE,
): Row {
  return { call, calls: [() => [argument()]], kinds: ["other"], takes: [takes], maps: true };
}
