import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { errorOf, WrongAnswer } from "../../bench/answer.ts";
import { type Bar, verdict } from "../../bench/bars.ts";
import { checkOf } from "../../bench/expected.ts";
import { inputsOf } from "../../bench/inputs.ts";
import { loop } from "../../bench/peers/loop.ts";
import { isAbsent } from "../../bench/contender.ts";
import { formsOf } from "../../bench/peers/onnx_graphs.ts";
import { isUnsteady } from "../../bench/steady.ts";
import { medianText } from "../../bench/table.ts";
import { elementsOf, workloads } from "../../bench/workloads.ts";
import { readModel } from "../onnx/read_model.ts";

const workload = workloads[0];
const bar: Bar = { workload: workload.id, ours: "kernorm wasm", peer: "tfjs-wasm", atLeast: 2 };
const result = (name: string, median: number, min: number) => ({
  name,
  median,
  min,
  peer: !name.startsWith("kernorm"),
  executor: "",
  error: 0,
});
const raceOf = (...results: ReturnType<typeof result>[]) => ({ workload, results, absent: [] });
const ours = result("kernorm wasm", 1, 0.9);

describe("verdicts", () => {
  it("take the fastest form of a peer, with one thread", () => {
    const race = raceOf(
      ours,
      result("tfjs-wasm 4", 9, 8),
      result("tfjs-wasm 4: folded", 3, 2.7),
      result("tfjs-wasm 4, 2 threads", 1.1, 1),
    );
    const { what, measured, outcome } = verdict(bar, race);
    assert(what.endsWith("kernorm wasm to tfjs-wasm 4: folded"));
    assertEquals([measured, outcome], ["3.00x, fastest rounds 3.00x", "met"]);
  });

  it("say missed", () => {
    assertEquals(verdict(bar, raceOf(ours, result("tfjs-wasm 4", 1.9, 1.8))).outcome, "MISSED");
  });

  it("do not call met what a slow moment of the peer met", () => {
    const disturbed = raceOf(ours, result("tfjs-wasm 4", 3, 1.4));
    const lucky = raceOf(ours, result("tfjs-wasm 4", 2.1, 1.2));
    assertEquals([disturbed, lucky].map((race) => verdict(bar, race).outcome), [
      "unsteady",
      "unsteady",
    ]);
  });

  it("refuse to judge without the peer, and say why it is not there", () => {
    const absent = [{ name: "tfjs-wasm 4", absent: "no network" }];
    assertThrows(
      () => verdict(bar, { ...raceOf(ours), absent }),
      Error,
      `Cannot judge ${workload.id}: tfjs-wasm must take part, got tfjs-wasm 4: no network`,
    );
  });
});

describe("medians", () => {
  it("are marked where they are more than twice the fastest round", () => {
    assertEquals([isUnsteady({ median: 2, min: 1 }), isUnsteady({ median: 2.1, min: 1 })], [
      false,
      true,
    ]);
    assertEquals(medianText({ median: 5.34, min: 1.26 }), "~5.34");
  });
});

describe("answers", () => {
  const check = () => 1e-3;

  it("of others may be less exact than ours", () => {
    assertEquals(errorOf({ name: "another" }, new Float32Array(1), check), 1e-3);
    assertThrows(
      () => errorOf({ name: "kernorm wasm" }, new Float32Array(1), check),
      WrongAnswer,
      "Cannot time kernorm wasm: its error must be below 0.0001, got 0.001",
    );
  });

  it("are wrong where they are not numbers", () => {
    assertThrows(() => errorOf({ name: "another" }, new Float32Array(1), () => NaN), WrongAnswer);
  });

  it("are not looked at where there is none", () => {
    assertEquals(errorOf({ name: "copy" }, undefined, check), null);
  });
});

describe("workloads", () => {
  // float64 loops, so that a wrong reading of a workload shows; tiny ones, for they take no time.
  for (const tiny of workloads.filter((one) => !one.first && elementsOf(one) <= 4096)) {
    it(`are understood alike by the loop and the oracle: ${tiny.id}`, async () => {
      const inputs = inputsOf(tiny);
      for (const contender of loop(tiny, inputs)) {
        if (isAbsent(contender)) throw new Error(contender.absent);
        const error = errorOf(contender, await contender.run(), checkOf(tiny, inputs));
        assert(error !== null && error < 1e-6, `error ${error}`);
      }
    });
  }

  it("are models in ONNX, from x to y of a shape that is fixed", () => {
    for (const one of workloads) {
      const shape = one.shape.map((extent) => Math.min(extent, 64));
      const small = { ...one, shape };
      for (const { model } of formsOf(small, inputsOf(small))) {
        const { inputs, outputs } = readModel(model as Uint8Array<ArrayBuffer>);
        assertEquals([inputs, outputs], [{ x: shape }, { y: shape }], one.id);
      }
    }
  });
});
