import { describe } from "@std/testing/bdd";
import { createRuntime } from "../../mod.ts";
import { refuses } from "../support/refusals.ts";

describe("createRuntime", () => {
  refuses("create runtime", createRuntime, [
    [
      "an unknown backend",
      [{ backend: "cuda" }],
      TypeError,
      "backend must be one of auto, webgpu, webgl2, wasm, cpu, got cuda",
    ],
    ["no plans", [{ planLimit: 0 }], RangeError, "planLimit must be an integer >= 1, got 0"],
    ["half a plan", [{ planLimit: 1.5 }], RangeError, "planLimit must be an integer >= 1, got 1.5"],
  ]);
});
