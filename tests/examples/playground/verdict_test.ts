import type { Backend } from "../../../mod.ts";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { faultOf } from "../../../examples/playground/faults.ts";
import type { Found, Lap } from "../../../examples/playground/messages.ts";
import { verdictOf } from "../../../examples/playground/verdict.ts";

function lap(backend: Backend, time: number): Lap {
  return { backend, time, calls: 7, difference: 0 };
}

const PROCESSOR: readonly Found[] = [
  { backend: "wasm", device: "wasm", software: false },
  { backend: "cpu", device: "cpu", software: false },
];

describe("the verdict of the race", () => {
  it("names the fastest", () => {
    assertEquals(
      verdictOf([lap("cpu", 8), lap("wasm", 2)], PROCESSOR),
      "wasm is fastest: 4 times as fast as cpu.",
    );
    const card: Found = { backend: "webgpu", device: "NVIDIA H100", software: false };
    assertEquals(
      verdictOf([lap("cpu", 8), lap("webgpu", 1), lap("wasm", 2)], [card, ...PROCESSOR]),
      "webgpu is fastest: 8 times as fast as cpu.",
    );
  });

  it("gives a software renderer no rank, however fast or slow it was", () => {
    const software: Found = { backend: "webgl2", device: "SwiftShader", software: true };
    const apart =
      "webgl2 ran in a software renderer and is not ranked: that says nothing about a graphics card.";
    for (const time of [0.1, 1000]) {
      assertEquals(
        verdictOf([lap("cpu", 8), lap("webgl2", time), lap("wasm", 2)], [software, ...PROCESSOR]),
        `wasm is fastest: 4 times as fast as cpu. ${apart}`,
      );
    }
    const other: Found = { backend: "webgpu", device: "llvmpipe", software: true };
    assertEquals(
      verdictOf([lap("cpu", 8), lap("webgl2", 1), lap("webgpu", 1)], [
        other,
        software,
        ...PROCESSOR,
      ]),
      "Only cpu has run. webgl2 and webgpu ran in a software renderer and are not ranked: that says nothing about a graphics card.",
    );
  });

  it("says who has run where the others have failed", () => {
    const failed = { backend: "wasm", reason: "lost" } as const;
    assertEquals(verdictOf([lap("cpu", 8), failed], PROCESSOR), "Only cpu has run.");
    assertEquals(verdictOf([failed], PROCESSOR), "No backend has run.");
  });
});

describe("an error in the playground", () => {
  it("is about the number that it names", () => {
    const about = (argument: string) => `Cannot apply it: ${argument} must be finite, got x`;
    assertEquals(faultOf(about("groups"), "groupNorm"), "groups");
    assertEquals(faultOf(about("epsilon"), "groupNorm"), "stabiliser");
    assertEquals(faultOf(about("epsilon"), "gdn"), "epsilon");
    assertEquals(faultOf(about("epsilonParameter"), "gdn"), "epsilon");
    assertEquals(faultOf(about("alphaParameter"), "igdn"), "alpha");
    assertEquals(faultOf(about("x"), "gdn"), undefined);
    assertEquals(faultOf(about("toString"), "gdn"), undefined);
    assertEquals(faultOf("", "gdn"), undefined);
  });
});
