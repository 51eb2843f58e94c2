import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isSoftware } from "../../../ops/runtime/gpu/software.ts";
import { findAdapter } from "../../../ops/runtime/webgpu/adapter.ts";
import { withNavigator } from "../../support/navigator.ts";

/** Names that browsers and drivers give to what computes on the processor. */
const SOFTWARE = [
  "llvmpipe (LLVM 19.1.7, 256 bits)",
  "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)",
  "Apple Software Renderer",
  "softpipe",
  "Microsoft Basic Render Driver",
];

const CARDS = [
  "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)",
  "nvidia hopper 10de NVIDIA H100",
  "AMD Radeon RX 7800 XT (RADV NAVI32)",
];

describe("a name", () => {
  it("tells what computes on the processor from graphics cards", () => {
    assertEquals(SOFTWARE.filter((name) => !isSoftware(name)), []);
    assertEquals(CARDS.filter(isSoftware), []);
  });
});

describe("an adapter", () => {
  for (const description of [...SOFTWARE, ...CARDS]) {
    it(`is judged by the same list: ${description}`, async () => {
      const info = { vendor: "", architecture: "", device: "", description };
      const adapter = { info };
      const gpu = { requestAdapter: () => Promise.resolve(adapter) };
      const found: unknown = await withNavigator({ gpu }, findAdapter);
      assertEquals(found, { adapter, name: description, software: isSoftware(description) });
    });
  }
});
