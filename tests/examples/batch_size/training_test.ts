import { assert, assertEquals, assertRejects } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { openCorrections } from "../../../examples/batch_size/corrections.ts";
import { ALL, limitsAt, VARIANTS } from "../../../examples/batch_size/norms.ts";
import { openThreads } from "../../../examples/batch_size/threads.ts";
import { type Job, openTrainer, stepsOf } from "../../../examples/batch_size/training.ts";
import { batchNorm, createRuntime, initBatchNorm, type Runtime, tensor } from "../../../mod.ts";
import { assertClose } from "../../support/close.ts";
import { drawnDigits } from "./drawn.ts";

const sets = { train: drawnDigits(200, 1), test: drawnDigits(50, 2) };
const jobs: readonly Job[] = ["group", "renorm", "none"].map((norm) => (
  { norm: norm as Job["norm"], size: 8, seed: 1, samples: 60 }
));
let runtime: Runtime;
before(async () => {
  runtime = await createRuntime({ backend: "wasm" });
});
after(() => runtime.dispose());

describe("a training of the batch sizes", () => {
  for (const norm of ALL) {
    it(`learns what is easy, and again the same: ${norm}`, () => {
      const job = { norm, size: 8, seed: 3, samples: 2400 };
      const told: number[] = [];
      const { train } = openTrainer(sets, runtime);
      const first = train(job, (steps) => told.push(steps));
      assertEquals(told, Array(300).fill(1));
      assertEquals(stepsOf(job), 300);
      assertEquals({ ...first, ...job }, first);
      assert(first.error < 0.2, `${first.error}`);
      assertEquals("exactError" in first, VARIANTS.includes(norm));
      assertEquals("corrections" in first, norm.startsWith("renorm"));
      assertEquals(train(job, () => {}), first);
      assert(JSON.stringify(train({ ...job, seed: 4 }, () => {})) !== JSON.stringify(first));
    });
  }

  it("ends at chance or with scores that are not finite where the rate is too high", () => {
    const { train } = openTrainer(sets, runtime);
    const { error } = train({ norm: "none", size: 3200, seed: 1, samples: 32000 }, () => {});
    assert(Number.isNaN(error) || error >= 0.8, `${error}`);
  });

  it("has renorm's limits rise from those of batch norm", () => {
    assertEquals(
      [0, 0.02, 0.05, 0.1, 0.2, 0.3, 1].map((share) => limitsAt("renorm", share)!.rmax),
      [1, 1, 1.5, 2, 2.5, 3, 3],
    );
    assertEquals(limitsAt("renorm", 0)!.dmax, 0);
    assertEquals(limitsAt("renorm at once", 0)!.dmax, 5);
    assertEquals(limitsAt("batch", 0.5), undefined);
  });

  it("finds renorm's corrections from the statistics before and after a step", async () => {
    const decay = 0.75;
    const x = tensor(Float32Array.of(1, 10, 3, 50), [2, 2]);
    const { params, state } = initBatchNorm(2, { renorm: true });
    const after = await batchNorm(x, params, state, {
      renorm: true,
      renormDecay: decay,
      epsilon: 0,
      runtime,
    });
    const found = openCorrections(decay);
    found.add([state], [after.state], { rmax: 2, dmax: 1 });
    // Means 2 and 30, deviations 1 and 20, against 0 and 1.
    const { r, d, limitedR, limitedD } = found.result()!;
    assertClose([r, d], [Math.sqrt(20), 16], 1e-4);
    assertEquals([limitedR, limitedD], [0.5, 1]);
  });
});

describe("trainings on threads", () => {
  it("end as those of one, and tell all their steps", async () => {
    const { train } = openTrainer(sets, runtime);
    using threads = openThreads(sets, 2);
    let steps = 0;
    const count = (more: number) => void (steps += more);
    const [first, second] = await Promise.all(
      jobs.slice(0, 2).map((job) => threads.train(job, count)),
    );
    const third = await threads.train(jobs[2], count);
    assertEquals([first, second, third], jobs.map((job) => train(job, () => {})));
    assertEquals(steps, 3 * 7);
  });

  it("reject with what has failed on one, or if there are too many", async () => {
    using threads = openThreads({ ...sets, test: undefined! }, 1);
    const failed = threads.train(jobs[0], () => {});
    const busy = await assertRejects(() => threads.train(jobs[1], () => {}));
    assertEquals((busy as Error).message, "Cannot train: all 1 threads are busy");
    const error = await assertRejects(() => failed);
    assert((error as Error).message.startsWith("Cannot train group at 8: "), `${error}`);
  });
});
