import { assert, assertAlmostEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { pipeline, type PipelineOps, type Runtime, type Tensor } from "../../../mod.ts";
import { itOnEachBackend } from "../../support/backends.ts";
import { channelsFirstOrder, random, randomTensor, transposed } from "../../support/random.ts";
import { dualOf, type Kinks } from "./dual.ts";
import { type Network, networkOf } from "./networks.ts";

/** Nearer to a kink than this, what float32 rounds may lie on its other side. */
const NEAR = 1e-3;
/** Of the largest gradient: some dozens of roundings of float32, and what norms make of them. */
const TOLERANCE = 1e-4;

type Values = { readonly x: Tensor; readonly params: readonly Record<string, Tensor>[] };

/** Values for a network, in the dual numbers' shapes. */
function valuesOf({ shape, steps }: Network, seed: number): Values {
  const params = steps.map(({ shapes }, i) =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape], j) => {
        const mean = name === "gamma" || name === "factor" ? 0.5 : 0;
        return [name, randomTensor(shape, { seed: seed + 31 * i + 7 * j, mean, stddev: 0.4 })];
      }),
    )
  );
  return { x: randomTensor(shape, { seed: seed + 1 }), params };
}

/** The loss in dual numbers, whose slope is along one of the numbers of one of the tensors. */
function lossOf(
  { steps }: Network,
  { x, params }: Values,
  kinks: Kinks,
  moved?: { readonly tensor: Tensor; readonly at: number },
): { readonly value: number; readonly slope: number } {
  const dual = (tensor: Tensor) => {
    const slopes = new Float64Array(tensor.data.length);
    if (moved?.tensor === tensor) slopes[moved.at] = 1;
    return dualOf(tensor.data, tensor.shape, slopes);
  };
  let now = dual(x);
  steps.forEach((step, i) => {
    const own = Object.entries(params[i]).map(([name, tensor]) => [name, dual(tensor)]);
    now = step.dual(now, Object.fromEntries(own), kinks);
  });
  return { value: now.values[0], slope: now.slopes[0] };
}

/** A network with values at which no float32 is near a kink, and of which the loss is no large number. */
function drawn(seed: number): { readonly network: Network; readonly values: Values } {
  for (let attempt = 0;; attempt++) {
    const network = networkOf(random(seed + 100_000 * attempt));
    const values = valuesOf(network, 1000 * seed + attempt);
    const kinks = { nearest: Infinity };
    const { value } = lossOf(network, values, kinks);
    if (kinks.nearest > NEAR && Math.abs(value) < 1e4) return { network, values };
  }
}

async function check(seed: number, runtime: Runtime): Promise<void> {
  const { network, values } = drawn(seed);
  const { last, steps } = network;
  const name = `network ${seed}, ${last ? "NHWC" : "NCHW"}: ${
    steps.map(({ name }) => name).join(", ")
  }`;
  const order = channelsFirstOrder(4);
  const back = order.map((_, axis) => order.indexOf(axis));
  const given = last ? values : { ...values, x: transposed(values.x, order) };
  const run = pipeline(
    (ops: PipelineOps, input: Values) =>
      ops.valueAndGrad(
        ({ x, params }) =>
          steps.reduce((now, step, i) => step.run({ ops, last }, now, params[i]), x),
        input,
      ),
    {
      runtime,
    },
  );
  const { value, grads } = await run(given);
  const exact = lossOf(network, values, { nearest: 0 });
  assertAlmostEquals(
    value.data[0],
    exact.value,
    TOLERANCE * Math.max(1, Math.abs(exact.value)),
    name,
  );
  const pairs = [
    { tensor: values.x, grad: last ? grads.x : transposed(grads.x, back), where: "x" },
    ...values.params.flatMap((own, i) =>
      Object.keys(own).map((key) => ({
        tensor: own[key],
        grad: grads.params[i][key],
        where: `${key} of ${i}, ${steps[i].name}`,
      }))
    ),
  ].map(({ tensor, grad, where }) => {
    const slopes = Array.from(
      tensor.data,
      (_, at) => lossOf(network, values, { nearest: 0 }, { tensor, at }).slope,
    );
    return { grad: grad.data, slopes, where };
  });
  const largest = Math.max(...pairs.flatMap(({ slopes }) => slopes.map(Math.abs)));
  for (const { grad, slopes, where } of pairs) {
    const worst = Math.max(...slopes.map((slope, i) => Math.abs(slope - grad[i])));
    assert(
      worst <= TOLERANCE * largest,
      `${name}: gradient of ${where} is off by ${worst}, the largest is ${largest}`,
    );
  }
}

describe("gradients of random networks", () => {
  itOnEachBackend("are those of dual numbers in float64", async (runtime, backend) => {
    // Kernels of the other backends take longer to compile, and other engines run the same code.
    const count = backend !== "wasm" ? 10 : "Deno" in globalThis ? 500 : 50;
    for (let seed = 1; seed <= count; seed++) await check(seed, runtime);
  });
});
