import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Program } from "../../../ops/plan/program.ts";
import type { WasmExecutable } from "../../../ops/runtime/wasm/executable.ts";
import { Lending } from "../../../ops/runtime/wasm/strips/lending.ts";

const program = (key: string) => ({ key }) as Program;

/** Executables that do nothing, and which of them have been compiled and disposed, by their keys. */
function lendingOf() {
  const compiled: string[] = [];
  const disposed: string[] = [];
  const lending = new Lending(({ key }) => {
    if (key === "bad") throw new Error("does not compile");
    compiled.push(key);
    return { dispose: () => disposed.push(key) } as unknown as WasmExecutable;
  });
  return { lending, compiled, disposed };
}

describe("lending", () => {
  it("compiles a program once for all who use it at a time, and disposes of it after the last", () => {
    const { lending, compiled, disposed } = lendingOf();
    const first = lending.get(program("a"));
    const second = lending.get(program("a"));
    assertEquals(second.executable === first.executable, true);
    first.giveBack();
    assertEquals([compiled, disposed], [["a"], []]);
    second.giveBack();
    assertEquals([compiled, disposed], [["a"], ["a"]]);
    lending.get(program("a"));
    assertEquals(compiled, ["a", "a"]);
  });

  it("keeps programs apart", () => {
    const { lending, compiled, disposed } = lendingOf();
    const a = lending.get(program("a"));
    const b = lending.get(program("b"));
    assertEquals(a.executable === b.executable, false);
    a.giveBack();
    assertEquals([compiled, disposed], [["a", "b"], ["a"]]);
  });

  it("keeps nothing of a program that does not compile", () => {
    const { lending } = lendingOf();
    for (let i = 0; i < 2; i++) {
      assertThrows(() => lending.get(program("bad")), Error, "does not compile");
    }
  });
});
