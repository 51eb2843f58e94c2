import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { packer } from "../../codegen/pack.ts";
import { kernels } from "../../generated/kernels.ts";
import { texts } from "../../generated/texts.ts";
import { loadGpu } from "../../ops/runtime/gpu/library.ts";
import { syntaxOf } from "../../ops/runtime/lowering/syntax.ts";
import { withTree } from "../support/kernel.ts";

const library = await loadGpu();
const pack = packer(library);

/** What gpu.js makes of a kernel's text, without places in it and what only it needs. */
function parsed(source: string): unknown {
  const node = class extends library.WebAssemblyFunctionNode {
    override traceFunctionAST(_tree: unknown): void {}
  };
  const settings = { name: "k", isRootKernel: true, output: [1, 1, 1], argumentTypes: [] };
  const lookups = { lookupReturnType() {}, lookupFunctionArgumentTypes() {} };
  const constants = { constants: {}, constantTypes: {}, constantBitRatios: {} };
  const all = { ...settings, ...lookups, ...constants, leadingReturnStatement: "" };
  return bare((new node(source, all).getJsAST() as { body: { body: unknown } }).body.body);
}

const OMITTED = ["start", "end", "raw", "kind", "prefix", "optional", "loc", "directive"];

function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (node === null || typeof node !== "object") return node;
  const { type } = node as { type?: string };
  const entries = Object.entries(node).filter(([key]) =>
    !OMITTED.includes(key) && !(type === "VariableDeclarator" && key === "type")
  );
  return Object.fromEntries(entries.map(([key, child]) => [key, bare(child)]));
}

describe("packed trees", () => {
  it("of generated/ are those of the texts, where our own compilers run the kernel", () => {
    for (const { name, lanes, tree, arguments: args } of kernels) {
      const packed = lanes > 1 ? undefined : pack({ source: texts[name], arguments: args });
      assertStrictEquals(tree, packed, name);
    }
  });

  it("are read as gpu.js parses the texts", () => {
    for (const kernel of kernels.filter(({ lanes }) => lanes === 1)) {
      assertEquals(bare(syntaxOf(kernel).body.body), parsed(texts[kernel.name]), kernel.name);
    }
  });

  it("of kernels of several lanes are missed by name", () => {
    const wide = kernels.find(({ lanes }) => lanes > 1)!;
    assertThrows(
      () => syntaxOf(wide),
      Error,
      `Cannot compile ${wide.name}: only gpu.js runs kernels of several lanes`,
    );
  });

  it("hold every form that a kernel may have", () => {
    const source = `function k(a, p) {
      let y = 0, z = -1.5e-3;
      for (let i = 0; i <= this.constants.n; i++) { y += a[i][0] * p; }
      for (i = 0; i < 3; w = w + 1) { z -= i; z *= 2; }
      a[0] = --i;
      if (y > 0 && !(z < p) || p === 2) { z = y > p ? Math.min(y, 1) : -y; } else { y = 1 / z; }
      return [y, z];
    }`;
    const kernel = withTree({
      name: "k",
      kernel: "k",
      format: "flat",
      lanes: 2,
      holes: {},
      arguments: [{ name: "a", kind: "matrix" }, { name: "p", kind: "scalar" }],
      constants: ["n"],
      source,
    });
    assertEquals(bare(syntaxOf(kernel).body.body), parsed(source));
    assertEquals([...syntaxOf(kernel).assigned].sort(), ["i", "w", "y", "z"]);
    assertEquals(syntaxOf(kernel).params.map(({ name }) => name), ["a", "p"]);
  });
});
