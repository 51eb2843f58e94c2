import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkContraction, createWebGpuFuzzer } from "../../fuzz/webgpu.ts";
import { skipOf } from "../../support/backends.ts";
import { openDevice } from "../../support/shader.ts";

const CASES = 20;
const CONTRACTIONS = 30;
const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;

describe("the WGSL emitter", () => {
  test(`is right on ${CASES} random plans${suffix}`, async () => {
    const fuzzer = await createWebGpuFuzzer();
    let taken = 0;
    for (let seed = 1; seed <= CASES; seed++) if (await fuzzer.check(seed)) taken++;
    await fuzzer.dispose();
    // What it does not take says nothing about it.
    assert(taken > CASES / 2, `only ${taken} plans were compiled`);
  });

  test(`is right on ${CONTRACTIONS} random contractions in tiles${suffix}`, async () => {
    const device = await openDevice();
    let tiled = 0;
    for (let seed = 1; seed <= CONTRACTIONS; seed++) {
      if (await checkContraction(device, seed)) tiled++;
    }
    device.destroy();
    assert(tiled > CONTRACTIONS / 2, `only ${tiled} contractions were tiled`);
  });
});
