import { readSafetensors, tensor, writeSafetensors } from "../../../mod.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  bitsOf,
  likelihoods,
  restored,
  rounded,
} from "../../../examples/codec_compressai/entropy.ts";
import { readWeights } from "../../../examples/codec_compressai/weights.ts";
import { assertClose } from "../../support/close.ts";
import { reference, weightsFile } from "./reference.ts";

const { prior } = readWeights(weightsFile);
const { channels } = prior;

/** Logits in float32 are off by some 1e-6, and CompressAI subtracts sigmoids of them, also in float32. */
const LIKELIHOOD = 1e-6;

describe("the factorised prior", () => {
  it("rounds around the medians, as CompressAI does", () => {
    const steps = rounded(prior, reference.y.data as Float32Array);
    assertClose(restored(prior, steps), reference.rounded.data, 1e-6);
    assertEquals([...rounded(prior, restored(prior, steps))], [...steps]);
  });

  it("has CompressAI's likelihoods", () => {
    const found = likelihoods(prior, reference.rounded.data as Float32Array);
    assertClose(found, reference.likelihoods.data, LIKELIHOOD);
  });

  it("has a mass of 1 for all steps of a channel together", () => {
    const reach = 300;
    const all = Int32Array.from(
      { length: (2 * reach + 1) * channels },
      (_, i) => Math.floor(i / channels) - reach,
    );
    const sums = new Float64Array(channels);
    likelihoods(prior, restored(prior, all)).forEach((mass, i) => sums[i % channels] += mass);
    // Each of those that hardly ever occur counts as 1e-9.
    assertClose(sums, new Float64Array(channels).fill(1), 2 * reach * 1e-9 + 1e-6);
  });

  it("takes -log2 of a likelihood for the bits of a number, and never more than 30", () => {
    const far = new Float32Array(channels).fill(1e6);
    assertClose([bitsOf(prior, far)], [channels * Math.log2(1e9)], 1e-6);
    const near = restored(prior, new Int32Array(channels));
    const expected = likelihoods(prior, near).reduce((sum, mass) => sum - Math.log2(mass), 0);
    assertClose([bitsOf(prior, near)], [expected], 1e-9);
  });
});

describe("a state dict", () => {
  const { tensors } = readSafetensors(weightsFile);

  it("is refused if an entry is missing or of another shape", () => {
    const { "g_a.2.weight": _, ...rest } = tensors;
    assertEquals(
      messageOf(() => readWeights(writeSafetensors(rest))),
      "Cannot load a codec: g_a.2.weight must be of shape (32, 32, 5, 5), got none",
    );
    const other = { ...tensors, "entropy_bottleneck.quantiles": tensor([[1, 2, 3]]) };
    assertEquals(
      messageOf(() => readWeights(writeSafetensors(other))),
      "Cannot load a codec: entropy_bottleneck.quantiles must be of shape (64, 1, 3), got (1, 3)",
    );
    const { "g_a.0.bias": first, ...headless } = tensors;
    assertEquals(first.shape, [32]);
    assertEquals(
      messageOf(() => readWeights(writeSafetensors(headless))),
      "Cannot load a codec: g_a.0.bias must be of shape (any), got none",
    );
  });
});

function messageOf(read: () => unknown): string {
  return (assertThrows(read, TypeError) as Error).message;
}
