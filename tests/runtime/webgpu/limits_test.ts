import { assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Program } from "../../../ops/plan/program.ts";
import { checkReadback, checkValues } from "../../../ops/runtime/webgpu/limits.ts";

const limits = { maxStorageBufferBindingSize: 400, maxBufferSize: 800 + 100 };

const checkAll: typeof checkValues = (program, limits) => {
  checkValues(program, limits);
  checkReadback(program, limits);
};

function programOf(lengths: readonly number[], results: readonly number[]): Program {
  return {
    key: "",
    lengths,
    names: ["x", "gamma", "y"],
    constants: new Map(),
    scalars: 0,
    launches: [],
    results,
  };
}

describe("a device's limits, of which buffers take multiples of 256 bytes", () => {
  it("allow as much as they say", () => {
    checkAll(programOf([100, 100, 92], [1, 2]), limits);
  });

  it("refuse what does not fit, by its name, in bytes", () => {
    assertThrows(
      () => checkAll(programOf([100, 101, 1], [2]), limits),
      RangeError,
      "Cannot run on webgpu: gamma must fit in 400 bytes, got 404",
    );
    assertThrows(
      () => checkAll(programOf([193], [0]), { ...limits, maxStorageBufferBindingSize: 4000 }),
      RangeError,
      "Cannot run on webgpu: x must fit in 768 bytes, got 772",
    );
    assertThrows(
      () => checkAll(programOf([100, 100, 1], [0, 1]), limits),
      RangeError,
      "Cannot run on webgpu: all results must fit in 768 bytes, got 800",
    );
  });
});
