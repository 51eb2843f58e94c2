/**
 * Reads the numbers that the original implementations computed (tests/golden/sources/), in every
 * runtime.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { readSafetensors, type Tensor } from "../../mod.ts";

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** One call of an original, and what it computed. */
export interface Case {
  readonly name: string;
  /** The original's function. */
  readonly op: string;
  /** Its arguments in its own words. */
  // deno-lint-ignore no-explicit-any -- what Python wrote as JSON
  readonly options: Readonly<Record<string, any>>;
  /** What it computed in. */
  readonly dtype: "float32" | "float64";
  readonly inputs: Tensors;
  readonly params: Tensors;
  /** The state before the call, and after it. */
  readonly state: Tensors;
  readonly next: Tensors;
  readonly outputs: Tensors;
  /** The gradients of `sum(dy * y)`. */
  readonly gradients: Tensors;
}

/** The groups that a case has its tensors in. */
const GROUPS = ["inputs", "params", "state", "next", "outputs", "gradients"] as const;

/** The whole path, so that a page, whose modules are all in one file, asks for the same one. */
const DATA = "../../tests/golden/data/";

/** The cases of a file. */
export async function casesOf(source: string): Promise<readonly Case[]> {
  return parsed(await readFile(new URL(`${DATA}${source}.safetensors`, import.meta.url)));
}

/** The cases that the bytes of a file hold. */
export function parsed(bytes: Uint8Array): readonly Case[] {
  const { tensors, metadata } = readSafetensors(bytes);
  const groups = new Map<string, Record<string, Tensor>>();
  for (const [path, tensor] of Object.entries(tensors)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const group = path.slice(0, path.lastIndexOf("/"));
    groups.set(group, { ...groups.get(group), [name]: tensor });
  }
  const cases = JSON.parse(metadata.cases) as Case[];
  return cases.map((one) => ({
    ...one,
    ...Object.fromEntries(
      GROUPS.map((group) => [group, groups.get(`${one.name}/${group}`) ?? {}]),
    ) as Pick<Case, typeof GROUPS[number]>,
  }));
}
