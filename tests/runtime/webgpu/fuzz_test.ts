import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createWebGpuFuzzer } from "../../fuzz/webgpu.ts";
import { skipOf } from "../../support/backends.ts";

const CASES = 20;
const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;

describe("the WGSL emitter", () => {
  test(`is right on ${CASES} random plans${skip === undefined ? "" : `: ${skip}`}`, async () => {
    const fuzzer = await createWebGpuFuzzer();
    let taken = 0;
    for (let seed = 1; seed <= CASES; seed++) if (await fuzzer.check(seed)) taken++;
    await fuzzer.dispose();
    // What it does not take says nothing about it.
    assert(taken > CASES / 2, `only ${taken} plans were compiled`);
  });
});
