/**
 * Which inputs have a batch on axis 0, and the graph in which its size is open, if that can be.
 *
 * @module
 */
import { readable } from "../tensor/arguments.ts";
import { shown } from "../tensor/shown.ts";
import { joinedOver, NotFree, type Sized } from "./free_batch.ts";
import type { ModelGraph } from "./model.ts";
import { traced, type Tracing } from "./trace.ts";
import { ACTION } from "./writing.ts";

/** A tensor of the input. */
export interface Leaf {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Whose axis 0 is the batch. */
export interface Batch {
  /** Sets of names to try, one after the other; none if the batch is fixed. */
  readonly tries: readonly ReadonlySet<string>[];
  /** Whether the batch may not be fixed. */
  readonly required: boolean;
  /** The option as it was given, for messages. */
  readonly given: unknown;
}

/**
 * Reads the option.
 *
 * @throws {TypeError} If it is none of its kinds, or names what is no input, or one without axes.
 */
export function batchOf(
  leaves: readonly Leaf[],
  batch: "free" | "fixed" | readonly string[] | undefined,
): Batch {
  if (batch === "fixed") return { tries: [], required: false, given: batch };
  if (batch === undefined || batch === "free") {
    const tries = likelyBatches(leaves);
    return { tries, required: batch === "free", given: batch };
  }
  const names = readable(ACTION, "batch", () => Array.isArray(batch) ? Array.from(batch) : []);
  if (names.length === 0 || !names.every((name) => typeof name === "string")) {
    throw new TypeError(
      `Cannot ${ACTION}: batch must be "free", "fixed" or an array of names of inputs, got ${
        shown(batch)
      }`,
    );
  }
  const extents = names.map((name) => extentOf(leaves, name));
  if (new Set(extents).size > 1) {
    throw new TypeError(
      `Cannot ${ACTION}: batch must name inputs whose axis 0 is equally long, got ${
        extents.join(", ")
      }`,
    );
  }
  return { tries: [new Set(names)], required: true, given: batch };
}

/** The extent of axis 0 of an input. */
function extentOf(leaves: readonly Leaf[], name: string): number {
  const leaf = leaves.find((leaf) => leaf.name === name && leaf.shape.length > 0);
  if (leaf !== undefined) return leaf.shape[0];
  throw new TypeError(
    `Cannot ${ACTION}: batch must name inputs that have axes, ${
      leaves.filter(({ shape }) => shape.length > 0).map(({ name }) => JSON.stringify(name))
        .join(", ")
    }, got ${shown(name)}`,
  );
}

/** All inputs whose axis 0 is as long as that of the first; or that one alone. */
function likelyBatches(leaves: readonly Leaf[]): ReadonlySet<string>[] {
  const first = leaves.find(({ shape }) => shape.length > 0);
  if (first === undefined) return [];
  const alike = leaves.filter(({ shape }) => shape[0] === first.shape[0]);
  const all = new Set(alike.map(({ name }) => name));
  return all.size === 1 ? [all] : [all, new Set([first.name])];
}

/** By how much the batches of further traces are larger; two, so that none fits by chance. */
const LARGER = [1, 2];

/**
 * The graph of a function, with a free batch where it can be.
 *
 * @throws {RangeError} If the batch must be free, and cannot.
 */
export function graphOf(
  tracing: Tracing,
  leaves: readonly Leaf[],
  { tries, required, given }: Batch,
): ModelGraph {
  const graph = traced(tracing, (_, shape) => shape);
  let reason: unknown = new NotFree("no input has an axis");
  for (const names of tries) {
    try {
      return freed(tracing, leaves, graph, names);
    } catch (error) {
      reason = error;
    }
  }
  if (!required) return graph;
  const text = reason instanceof Error ? reason.message : shown(reason);
  throw new RangeError(
    `Cannot ${ACTION}: batch must be "fixed" for this fn, got ${shown(given)}; ${text}`,
    { cause: reason },
  );
}

/** The graph with a free batch. */
function freed(
  tracing: Tracing,
  leaves: readonly Leaf[],
  graph: ModelGraph,
  names: ReadonlySet<string>,
): ModelGraph {
  const [batch] = leaves.find(({ name }) => names.has(name))!.shape;
  const others = LARGER.map((more): Sized => ({
    batch: batch + more,
    graph: traced(
      tracing,
      (name, shape) => names.has(name) ? [batch + more, ...shape.slice(1)] : shape,
    ),
  }));
  return joinedOver([{ batch, graph }, ...others]);
}
