import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { pipeline, type PipelineOps, type Tensor } from "../../mod.ts";
import { toOnnx } from "../../ops/onnx/mod.ts";
import { assertCloseEach } from "../support/close.ts";
import { randomTensor } from "../support/random.ts";
import { runtime } from "../support/refusals.ts";
import { type Case, cases, type Inputs } from "./cases.ts";
import { type Build, itInEachBuild, type Named } from "./onnx_runtime.ts";

/**
 * Of each number, or of 1. Ours and theirs round every sum and product once, in other orders: over the
 * 120 terms of the longest sum here that is 120 * 2^-24 = 7e-6 of its magnitude at worst.
 */
const CLOSE = 1e-5;

/** Ours, by the names that a model's outputs have. */
async function expectedOf({ fn }: Case, input: Inputs): Promise<Named> {
  const run = pipeline(fn as (ops: PipelineOps, input: Inputs) => Inputs, { runtime });
  const output = await run(input) as unknown as Tensor | Named;
  if ("data" in output) return { y: output as Tensor };
  return Object.fromEntries(
    Object.entries(output as Named).map(([name, tensor]) => {
      return [name in input ? `output.${name}` : name, tensor];
    }),
  );
}

/** The inputs with a batch of another size, if it is free. */
function withBatch(input: Inputs, batch: number, seed: number): Inputs {
  const [first] = Object.values(input);
  return Object.fromEntries(
    Object.entries(input).map(([name, { shape }], i) => {
      const own = shape[0] === first.shape[0] ? [batch, ...shape.slice(1)] : shape;
      const { data } = randomTensor(own, { seed: seed + i });
      // Roots and logarithms are taken of some.
      return [name, { shape: own, data: data.map((value) => Math.abs(value) + 0.5) }];
    }),
  );
}

function assertSame(found: Named, expected: Named): void {
  assertEquals(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, { shape, data }] of Object.entries(expected)) {
    assertEquals(found[name].shape, [...shape], name);
    assertCloseEach(found[name].data, data, CLOSE, name);
  }
}

async function assertCase(
  build: Build,
  one: Case,
  options: { readonly opset: 17 | 21; readonly precise?: boolean },
): Promise<void> {
  const { fn, input, fixed = false } = one;
  const batch = fixed ? "fixed" : "free";
  const model = toOnnx(fn as () => Tensor, input, { ...options, batch });
  const inputs = fixed ? [input] : [input, withBatch(input, 1, 90), withBatch(input, 9, 91)];
  const found = await build.run(model, ...inputs);
  for (const [i, given] of inputs.entries()) assertSame(found[i], await expectedOf(one, given));
}

for (const opset of [17, 21] as const) {
  describe(`a model of operator set ${opset}`, () => {
    for (const [name, one] of Object.entries(cases)) {
      itInEachBuild(`is right: ${name}`, async (build) => {
        await assertCase(build, one, { opset });
      });
    }
  });
}

describe("a precise model", () => {
  for (const [name, one] of Object.entries(cases)) {
    itInEachBuild(`is right: ${name}`, async (build) => {
      await assertCase(build, one, { opset: 17, precise: true });
    });
  }
});
