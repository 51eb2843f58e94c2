/**
 * The texts of kernels. Only what runs them by gpu.js imports this, so that no other program loads them.
 *
 * @module
 */
import { texts } from "../../../generated/texts.ts";
import type { Kernel } from "../../plan/kernel.ts";

/** The JavaScript of a kernel: a string, because minifiers rewrite functions. */
export function textOf({ name, source }: Kernel): string {
  const text = source ?? texts[name];
  if (text === undefined) throw new Error(`Cannot run ${name} by gpu.js: it has no text`);
  return text;
}
