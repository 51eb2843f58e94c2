import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Pipelines } from "../../../ops/runtime/webgpu/pipelines.ts";
import { idleDevice } from "./device.ts";

describe("the pipelines of a device", () => {
  it("are compiled once for each text, and forgotten with their last user", () => {
    const { device, shaders } = idleDevice();
    const pipelines = new Pipelines(device);
    const first = pipelines.take("a");
    assertStrictEquals(pipelines.take("a"), first);
    pipelines.take("b");
    assertEquals(shaders, ["a", "b"]);
    pipelines.give("a");
    assertStrictEquals(pipelines.take("a"), first);
    pipelines.give("a");
    pipelines.give("a");
    pipelines.take("a");
    pipelines.take("b");
    assertEquals(shaders, ["a", "b", "a"]);
  });
});
