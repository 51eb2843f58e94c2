import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { recordBatchNorm } from "../../ops/batch_norm/batch_norm.ts";
import { recordBatchNormVjp } from "../../ops/batch_norm/vjp.ts";
import { recordGdn } from "../../ops/gdn/gdn.ts";
import { recordGroupNorm } from "../../ops/group_norm/group_norm.ts";
import { recordInstanceNorm } from "../../ops/group_norm/instance_norm.ts";
import { recordLayerNorm } from "../../ops/group_norm/layer_norm.ts";
import {
  recordGroupNormVjp,
  recordInstanceNormVjp,
  recordLayerNormVjp,
} from "../../ops/group_norm/vjp.ts";
import { recordGdnVjp } from "../../ops/gdn/vjp.ts";
import { Plan } from "../../ops/plan/plan.ts";
import { recordRmsNorm } from "../../ops/rms_norm/rms_norm.ts";
import { recordRmsNormVjp } from "../../ops/rms_norm/vjp.ts";
import { outputOf } from "../../ops/call/output.ts";
import { groupLaunches } from "../../ops/runtime/wasm/compiler/groups.ts";
import { type NormCotangents, type SymbolicVjp, tensor } from "../../mod.ts";

const C = 32;
const vector = new Array<number>(C).fill(1);
const affine = { beta: vector, gamma: vector };
const state = { movingMean: vector, movingVariance: vector };
const matrix = tensor(new Float32Array(C * C).fill(0.1), [C, C]);
const formats = ["NHWC", "NCHW"] as const;

/**
 * How often an op reads x from memory and writes something as large, on wasm, where a group goes over
 * memory once. Reading a few elements of each set, for the shift, is not a pass.
 */
function passes(record: (plan: Plan, x: ReturnType<typeof tensor>) => unknown, shape: number[]) {
  const x = tensor(new Float32Array(shape.reduce((a, b) => a * b)), shape);
  const plan = new Plan();
  const { program } = outputOf(plan, record(plan, x)).recorded;
  const large = (id: number) => program.lengths[id] >= x.data.length;
  const groups = groupLaunches(program);
  const shifts = (kernel: string) => kernel === "firstElement" || kernel === "middleElement";
  const counts = groups.map(({ launches }) => {
    const own = new Set(launches.map(({ result }) => result));
    const read = new Set<number>();
    for (const { kernel, arguments: args } of launches) {
      for (const argument of shifts(kernel.kernel) ? [] : args) {
        if ("value" in argument && large(argument.value) && !own.has(argument.value)) {
          read.add(argument.value);
        }
      }
    }
    return { reads: read.size, writes: launches.filter(({ result }) => large(result)).length };
  });
  return {
    reads: counts.reduce((sum, { reads }) => sum + reads, 0),
    writes: counts.reduce((sum, { writes }) => sum + writes, 0),
  };
}

describe("passes over memory", () => {
  for (const dataFormat of formats) {
    const shape = dataFormat === "NHWC" ? [2, 40, 40, C] : [2, C, 40, 40];
    it(`are as few as can be in ${dataFormat}`, () => {
      const gdn = (options: object) =>
        passes((plan, x) => recordGdn(plan, x, { beta: vector, gamma: matrix }, options), shape);
      assertEquals(gdn({ dataFormat }), { reads: 1, writes: 1 });
      // The powers are written and read again, beside x itself.
      assertEquals(gdn({ dataFormat, alphaParameter: 1.5 }), { reads: 3, writes: 2 });
      const batch = (training: boolean) =>
        passes(
          (plan, x) =>
            recordBatchNorm(plan, x, affine, state, { training, dataFormat, scale: true }),
          shape,
        );
      assertEquals(batch(false), { reads: 1, writes: 1 });
      assertEquals(batch(true), { reads: 2, writes: 1 });
      const group = (options: object) =>
        passes((plan, x) => recordGroupNorm(plan, x, affine, options), shape);
      assertEquals(group({ dataFormat, groups: 4 }), { reads: 2, writes: 1 });
      assertEquals(
        passes((plan, x) => recordInstanceNorm(plan, x, affine, { dataFormat }), shape),
        { reads: 2, writes: 1 },
      );
    });
  }

  for (const dataFormat of formats) {
    const shape = dataFormat === "NHWC" ? [2, 40, 40, C] : [2, C, 40, 40];
    const dy = tensor(new Float32Array(2 * 40 * 40 * C), shape);
    it(`are as few both ways in ${dataFormat}`, () => {
      const back = ({ y, vjp }: SymbolicVjp<NormCotangents>) => {
        const { x, params } = vjp(dy);
        return { y, x, params };
      };
      // x for the moments and for y, and x with dy for the sums and for the cotangent of x.
      const norm = { reads: 6, writes: 2 };
      assertEquals(
        passes(
          (plan, x) =>
            back(recordBatchNormVjp(plan, x, affine, state, { dataFormat, scale: true })),
          shape,
        ),
        norm,
      );
      assertEquals(
        passes(
          (plan, x) => back(recordGroupNormVjp(plan, x, affine, { dataFormat, groups: 4 })),
          shape,
        ),
        norm,
      );
      assertEquals(
        passes(
          (plan, x) => back(recordInstanceNormVjp(plan, x, affine, { dataFormat })),
          shape,
        ),
        norm,
      );
      // u, the cotangent of u and what it brings back are written for all channels to be read again.
      assertEquals(
        passes((plan, x) => {
          const params = { beta: vector, gamma: matrix };
          const { y, vjp } = recordGdnVjp(plan, x, params, { dataFormat });
          const { alphaParameter: _alpha, epsilonParameter: _epsilon, ...back } = vjp(dy);
          return { y, back };
        }, shape),
        { reads: 12, writes: 5 },
      );
    });
  }

  for (const dataFormat of formats) {
    it(`are as few for RMS norm in ${dataFormat}`, () => {
      const shape = dataFormat === "NHWC" ? [2, 40, 40, C] : [2, C, 40, 40];
      const params = { gamma: vector };
      assertEquals(
        passes((plan, x) => recordRmsNorm(plan, x, params, { dataFormat }), shape),
        { reads: 2, writes: 1 },
      );
      const dy = tensor(new Float32Array(2 * 40 * 40 * C), shape);
      // Each element's share in the cotangent of gamma is written and read again. Sums along memory
      // are in lanes, but not those with gamma, so that x is read for both.
      assertEquals(
        passes((plan, x) => {
          const { y, vjp } = recordRmsNormVjp(plan, x, params, { dataFormat });
          return { y, back: vjp(dy) };
        }, shape),
        { reads: dataFormat === "NHWC" ? 6 : 5, writes: 3 },
      );
    });
  }

  it("are as few for layer norm", () => {
    const params = { beta: new Array(768).fill(0), gamma: new Array(768).fill(1) };
    assertEquals(
      passes((plan, x) => recordLayerNorm(plan, x, params, {}), [512, 768]),
      { reads: 2, writes: 1 },
    );
    const dy = tensor(new Float32Array(512 * 768), [512, 768]);
    // Where gamma differs inside of a set, dy x-hat is written and read by rows and by columns.
    assertEquals(
      passes((plan, x) => {
        const { y, vjp } = recordLayerNormVjp(plan, x, params, {});
        return { y, back: vjp(dy) };
      }, [512, 768]),
      { reads: 9, writes: 3 },
    );
  });
});
