import { createRuntime, tensor } from "../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { type Absent, type Contender, isAbsent, isThreaded } from "../../bench/contender.ts";
import { checkOf } from "../../bench/expected.ts";
import { type Inputs, inputsOf } from "../../bench/inputs.ts";
import { jax } from "../../bench/peers/jax.ts";
import { loop } from "../../bench/peers/loop.ts";
import { call, ours } from "../../bench/peers/ours.ts";
import { openPyTorch, type PyTorch, pytorch } from "../../bench/peers/pytorch.ts";
import { inputsAt, type Peer, varied } from "../../bench/peers/varied.ts";
import { atCall, raceWorkloads } from "../../bench/race_workloads.ts";
import { type Workload, workloads } from "../../bench/workloads.ts";

/** One workload for each way to compute something, on a shape that takes no time. */
const small = [
  ...new Map(
    workloads.filter(({ first }) => !first).map((workload) => {
      const { operation, format, inverse = false, backward = false } = workload;
      const shape = workload.shape.length === 2
        ? [6, 64]
        : format === "NHWC"
        ? [2, 3, 5, 64]
        : [2, 64, 3, 5];
      const id = `${operation} ${format}${inverse ? " inverse" : ""}${
        backward ? ", both ways" : ""
      }`;
      return [id, { ...workload, id, shape } as Workload];
    }),
  ).values(),
];
/** Sums of a few hundred products in float32, of results of up to a hundred. */
const MOST = 1e-4;

/** Checks an answer of each contender; somebody has to be able to do the workload. */
async function checkAll(
  open: (workload: Workload, inputs: Inputs) => Promise<(Contender | Absent)[]>,
  workload: Workload,
): Promise<void> {
  const inputs = inputsOf(workload);
  const check = checkOf(workload, inputs);
  const entrants = await open(workload, inputs);
  assert(!entrants.every(isAbsent), JSON.stringify(entrants));
  for (const contender of entrants) {
    if (isAbsent(contender)) continue;
    const answer = await contender.run();
    const error = check(answer!);
    assert(error < MOST, `${contender.name} is off by ${error}`);
    await contender.dispose?.();
  }
}

describe("a contender with several threads", () => {
  it("is known by its name", () => {
    assertEquals(
      ["jax-js 0.1.25, default threads", "onnxruntime-node 1.30.0, 2 threads", "jax-js 0.1.25"]
        .map((name) => isThreaded({ name })),
      [true, true, false],
    );
  });
});

describe("answers of the workloads", () => {
  it("are wanted both ways of every norm, and of GDN", () => {
    const both = new Set(workloads.flatMap(({ backward, operation }) => backward ? operation : []));
    assertEquals(
      [...both].sort(),
      ["batchNormTraining", "gdn", "groupNorm", "instanceNorm", "layerNorm", "rmsNorm"],
    );
  });

  for (const workload of small) {
    it(`of this library are right: ${workload.id}`, async () => {
      await using runtime = await createRuntime({ backend: "wasm" });
      const inputs = inputsOf(workload);
      const answer = await call(workload, inputs, tensor(inputs.x, workload.shape))(runtime);
      const error = checkOf(workload, inputs)(answer);
      assert(error < MOST, `off by ${error}`);
    });
  }

  for (const workload of small) {
    it(`of jax-js are right on the calling thread: ${workload.id}`, async () => {
      const inputs = inputsOf(workload);
      // Its workers would outlive the test.
      await checkAll(async () => (await jax(workload, inputs)).slice(0, 1), workload);
    });
  }
});

describe("answers at a later call, where every call has another shape", () => {
  const peers: Readonly<Record<string, Peer>> = {
    "this library": ours,
    "the plain loop": varied(loop),
    // Its workers would outlive the test.
    "jax-js": async (...args) => (await varied(jax)(...args)).slice(0, 1),
  };
  for (const [name, peer] of Object.entries(peers)) {
    for (const workload of raceWorkloads.filter(({ varies }) => varies !== undefined)) {
      it(`of ${name} are right: ${workload.id}`, async () => {
        const inputs = inputsOf(workload);
        const own = atCall(workload, 5);
        const check = checkOf(own, inputsAt(own, inputs));
        let right = 0;
        for (const contender of await peer(workload, inputs)) {
          if (isAbsent(contender)) continue;
          await contender.prepare!(5);
          const error = check((await contender.run())!);
          await contender.dispose?.();
          assert(error < MOST, `${contender.name} is off by ${error}`);
          right++;
        }
        assert(right > 0);
      });
    }
  }
});

const python = Deno.env.get("KERNORM_PYTHON") ?? "python3";
const opened: PyTorch | string = await openPyTorch(python).catch((error) => error.message);
const test = typeof opened === "string" ? it.skip : it;

describe("PyTorch", () => {
  after(async () => {
    if (typeof opened !== "string") await opened.process.close();
  });

  it("is absent where Python has none, or is not there", async () => {
    const [workload] = small;
    for (const none of [Deno.execPath(), "no-such-python"]) {
      const found = await pytorch(workload, inputsOf(workload), () => openPyTorch(none));
      const absent = `${none} has no torch; KERNORM_PYTHON can name another Python`;
      assertEquals(found, [{ name: "pytorch", absent }]);
    }
  });

  for (const workload of small) {
    test(`answers right: ${workload.id}${typeof opened === "string" ? `: ${opened}` : ""}`, () => {
      const open = () => Promise.resolve(opened as PyTorch);
      return checkAll((workload, inputs) => pytorch(workload, inputs, open), workload);
    });
  }

  test("takes its own time", async () => {
    const open = () => Promise.resolve(opened as PyTorch);
    const [contender] = await pytorch(small[0], inputsOf(small[0]), open);
    assert(!isAbsent(contender) && await contender.time!(3) > 0);
    await contender.dispose!();
  });
});
