/**
 * Which number an error is about.
 *
 * @module
 */
import { isGdn, type NumberName, type Op } from "./settings.ts";

/** The names that errors have for the settings: the library's arguments, and the page's own. */
const ARGUMENTS: Readonly<Record<string, NumberName>> = {
  groups: "groups",
  stabiliser: "stabiliser",
  alpha: "alpha",
  epsilon: "epsilon",
  alphaParameter: "alpha",
  epsilonParameter: "epsilon",
};

/** The setting that must be changed, if the error is about one. */
export function faultOf(message: string, op: Op): NumberName | undefined {
  const argument = /: (\w+) must /.exec(message)?.[1] ?? "";
  // The norms' own epsilon is the stabiliser.
  if (argument === "epsilon" && !isGdn(op)) return "stabiliser";
  return Object.hasOwn(ARGUMENTS, argument) ? ARGUMENTS[argument] : undefined;
}

/** Whether a name is that of a setting that is typed as a number. */
export function isNumberName(name: string): name is NumberName {
  return Object.values<string>(ARGUMENTS).includes(name);
}
