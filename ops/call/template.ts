/**
 * Templates of trees: what is put together at every run, with other numbers.
 *
 * @module
 */
import { SymbolicTensor } from "../plan/symbolic.ts";
import { asTensor, isPlain } from "../plan/tree.ts";
import type { Elements } from "../tensor/elements.ts";
import type { AnyTensor } from "../tensor/types.ts";

/** A tree without the numbers of its tensors. */
export type Template =
  | {
    readonly is: "tensor";
    readonly shape: readonly number[];
    /** Whether it is computed, or passes through. */
    readonly computed: boolean;
    /** Which of the tensors of its kind it is. */
    readonly at: number;
  }
  | { readonly is: "list"; readonly items: readonly Template[] }
  | {
    readonly is: "record";
    /** The record as it is, for copies that have its keys in their order. */
    readonly fields: Readonly<Record<string, unknown>>;
    readonly keys: readonly string[];
    readonly items: readonly Template[];
  }
  | { readonly is: "value"; readonly value: unknown };

/** The template of a tree as `mapTensors` makes them; tensors are counted in the order in which it meets them. */
export function templateOf(tree: unknown): Template {
  let computed = 0;
  let passed = 0;
  const visit = (node: unknown): Template => {
    const tensor = asTensor(node);
    if (tensor !== undefined) {
      const isComputed = tensor instanceof SymbolicTensor;
      const at = isComputed ? computed++ : passed++;
      return { is: "tensor", shape: [...tensor.shape], computed: isComputed, at };
    }
    if (Array.isArray(node)) return { is: "list", items: node.map(visit) };
    if (!isPlain(node)) return { is: "value", value: node };
    return {
      is: "record",
      fields: { ...node },
      keys: Object.keys(node),
      items: Object.values(node).map(visit),
    };
  };
  return visit(tree);
}

/**
 * Makes a tree.
 *
 * @param computed Numbers of the tensors that are computed.
 * @param passed Those of the tensors that pass through.
 * @param home What makes tensors of them.
 */
export function filled(
  template: Template,
  computed: readonly Elements[],
  passed: readonly Elements[],
  home: { result(shape: readonly number[], elements: Elements): AnyTensor },
): unknown {
  switch (template.is) {
    case "tensor":
      return home.result(
        [...template.shape],
        (template.computed ? computed : passed)[template.at],
      );
    case "value":
      return template.value;
    case "list":
      return template.items.map((item) => filled(item, computed, passed, home));
    case "record": {
      const { fields, keys, items } = template;
      // Keys of its own stay its own where they are set, whatever they are called.
      const record: Record<string, unknown> = { ...fields };
      for (let i = 0; i < keys.length; i++) {
        record[keys[i]] = filled(items[i], computed, passed, home);
      }
      return record;
    }
  }
}
