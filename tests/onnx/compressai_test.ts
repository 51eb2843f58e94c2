import { describe } from "@std/testing/bdd";
import { type CompressAIGdn, gdnFromCompressAI, type Tensor, tensor } from "../../mod.ts";
import { toOnnx } from "../../ops/onnx/mod.ts";
import { assertCloseEach } from "../support/close.ts";
import layers from "./compressai_layers.json" with { type: "json" };
import { itInEachBuild } from "./onnx_runtime.ts";

/** Of each number, or of 1: both round the three products of a pool, their sum and its root. */
const CLOSE = 2e-6;

/** Numbers of PyTorch. */
function tensorOf({ shape, data }: { readonly shape: number[]; readonly data: number[] }): Tensor {
  return tensor(data, shape);
}

describe("a layer of CompressAI", () => {
  for (const { layer, inverse, stateDict, x, y } of layers) {
    itInEachBuild(
      `computes what it did in Python: ${inverse ? "inverse " : ""}${layer}`,
      async (build) => {
        const tensors = Object.fromEntries(
          Object.entries(stateDict).map(([name, values]) => [name, tensorOf(values)]),
        );
        const { params, options } = gdnFromCompressAI(tensors as CompressAIGdn, {
          layer: layer as "GDN" | "GDN1",
          inverse,
        });
        const input = { x: tensorOf(x) };
        for (const opset of [17, 21] as const) {
          const model = toOnnx((ops, { x }) => ops.gdn(x, params, options), input, { opset });
          const [found] = await build.run(model, input);
          assertCloseEach(found.y.data, y.data, CLOSE, `${layer} of ${opset}`);
        }
      },
    );
  }
});
