import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findAdapter } from "../../../ops/runtime/webgpu/adapter.ts";
import { withNavigator } from "../../support/navigator.ts";

describe("an adapter that is not there", () => {
  const asked = (requestAdapter: () => Promise<null>) => ({ gpu: { requestAdapter } });
  const cases: Readonly<Record<string, readonly [navigator: object, missing: string]>> = {
    "no WebGPU": [{}, "this runtime has no navigator.gpu"],
    "no adapter": [asked(() => Promise.resolve(null)), "no adapter was found"],
    "an error": [asked(() => Promise.reject(new Error("by policy"))), "by policy"],
    "something else that is thrown": [asked(() => Promise.reject("a text")), "a text"],
  };
  for (const [what, [navigator, missing]] of Object.entries(cases)) {
    it(`has the reason: ${what}`, async () => {
      assertEquals(await withNavigator(navigator, findAdapter), { missing });
    });
  }
});
