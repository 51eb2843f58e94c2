import { assert } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { createFuzzer } from "../../fuzz/check.ts";

const CASES = 150;
const fuzzer = await createFuzzer();

describe("the tile compiler", () => {
  after(() => fuzzer.dispose());

  it(`agrees with gpu.js on ${CASES} random plans`, async () => {
    let tiled = 0;
    for (let seed = 1; seed <= CASES; seed++) if (await fuzzer.check(seed)) tiled++;
    // What it does not take says nothing about it.
    assert(tiled > CASES / 2, `only ${tiled} plans were tiled throughout`);
  });
});
