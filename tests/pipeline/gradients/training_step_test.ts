import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runOp } from "../../../ops/call/calls.ts";
import { outputOf } from "../../../ops/call/output.ts";
import { Plan } from "../../../ops/plan/plan.ts";
import { itOnEachBackend } from "../../support/backends.ts";
import { assertSameBits } from "../../support/same_bits.ts";
import { stepByHand, stepByTape, trainingOf } from "../../support/training_step.ts";

const training = trainingOf({ samples: 6, positions: 9, inputs: 5, channels: 16, classes: 4 });

describe("a step of training by the tape", () => {
  itOnEachBackend("gives the bits of the one by hand", async (runtime) => {
    let byTape = training;
    let byHand = training;
    let loss = Infinity;
    for (let i = 0; i < 3; i++) {
      const tape = await runOp("train", runtime, stepByTape, byTape);
      const hand = await runOp("train", runtime, stepByHand, byHand);
      assertSameBits(tape, hand);
      assert(tape.loss.data[0] < loss, `a loss of ${tape.loss.data[0]} after ${loss}`);
      loss = tape.loss.data[0];
      byTape = { ...byTape, ...tape };
      byHand = { ...byHand, ...hand };
    }
  });

  it("launches the kernels of the one by hand, and no more", () => {
    const launchesOf = (record: (plan: Plan, input: typeof training) => unknown) => {
      const plan = new Plan();
      const { launches } = outputOf(plan, record(plan, training)).recorded.program;
      return launches.map(({ kernel }) => kernel.name).sort();
    };
    assertEquals(launchesOf(stepByTape), launchesOf(stepByHand));
  });
});
