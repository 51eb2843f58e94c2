import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffers, USAGE } from "../../../ops/runtime/webgpu/buffers.ts";
import { idleDevice } from "./device.ts";

const MEGABYTE = 2 ** 20;

describe("the buffers of a device", () => {
  it("are used again by who needs one of that size and kind, the last idle one first", () => {
    const buffers = new Buffers(idleDevice().device);
    const [first, second] = [1000, 1000].map((bytes) => buffers.take(bytes, USAGE.values, "x"));
    buffers.give(second);
    buffers.give(first);
    // 1000 and 900 are both rounded up to 1024.
    assertStrictEquals(buffers.take(900, USAGE.values, "x"), first);
    const others = [buffers.take(2000, USAGE.values, "x"), buffers.take(1000, USAGE.reading, "x")];
    assertEquals(others.map(({ id }) => id), [2, 3]);
    assertStrictEquals(buffers.take(1000, USAGE.values, "x"), second);
    assertEquals(buffers.bytes, 1024 + 1024 + 2048 + 1024);
  });

  it("have room for a value of no elements", () => {
    assertEquals(new Buffers(idleDevice().device).take(0, USAGE.values, "x").buffer.size, 256);
  });

  it("are twice what was in use at most, the size that was used least recently going first", () => {
    const { device, destroyed } = idleDevice();
    const buffers = new Buffers(device);
    for (const size of [10, 11, 12, 13].map((size) => size * MEGABYTE)) {
      const held = buffers.take(size, USAGE.values, "x");
      // Room for it was made before it was there.
      assert(buffers.bytes <= 2 * size);
      buffers.give(held);
    }
    assertEquals(destroyed.map(({ size }) => size / MEGABYTE), [10, 11]);
    assertEquals(buffers.bytes, 25 * MEGABYTE);
  });

  it("are kept as long as they are not more than that", () => {
    const { device, destroyed } = idleDevice();
    const buffers = new Buffers(device);
    for (const size of [8, 7, 1].map((size) => size * MEGABYTE)) {
      buffers.give(buffers.take(size, USAGE.values, "x"));
    }
    assertEquals([destroyed.length, buffers.bytes], [0, 16 * MEGABYTE]);
  });

  it("that are small are all kept", () => {
    const { device, destroyed } = idleDevice();
    const buffers = new Buffers(device);
    for (let i = 1; i <= 100; i++) buffers.give(buffers.take(i * 1000, USAGE.values, "x"));
    assertEquals(destroyed, []);
  });

  it("can be destroyed one by one, and those that are idle all at once", () => {
    const { device, destroyed } = idleDevice();
    const buffers = new Buffers(device);
    const held = [1, 2, 3, 4].map((i) => buffers.take(i * 256, USAGE.values, "x"));
    buffers.end(held[0]);
    buffers.give(held[1]);
    buffers.give(held[2]);
    buffers.clear();
    assertEquals(destroyed.map(({ size }) => size), [256, 512, 768]);
    assertEquals(buffers.bytes, 1024);
    assertEquals(buffers.take(512, USAGE.values, "x").id, 4);
  });

  it("say whether any was idle when these are destroyed", () => {
    const buffers = new Buffers(idleDevice().device);
    const first = buffers.take(1000, USAGE.values, "x");
    assertEquals(buffers.clear(), false);
    buffers.give(first);
    const again = buffers.take(1000, USAGE.values, "x");
    assertEquals(buffers.clear(), false);
    buffers.give(again);
    assertEquals(buffers.clear(), true);
  });
});
