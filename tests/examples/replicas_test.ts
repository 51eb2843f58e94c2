import { assert, assertEquals, assertRejects } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import { measured } from "../../examples/dataset_moments.ts";
import { momentsOf } from "../../examples/dataset_moments/pictures.ts";
import { statisticsOf } from "../../examples/dataset_moments/statistics.ts";
import { train } from "../../examples/replicas.ts";
import type { Training } from "../../examples/replicas/model.ts";
import { ExampleError } from "../../examples/shared/command.ts";
import {
  allMergeMoments,
  batchNorm,
  readSafetensors,
  type ReplicaGroup,
  runReplicas,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { moments as oracle } from "../oracle/moments.ts";
import { assertClose, largest } from "../support/close.ts";

let folder = "";
before(async () => {
  folder = await Deno.makeTempDir({ prefix: "kernorm-" });
});
after(() => Deno.remove(folder, { recursive: true }));

const OPTIONS = { steps: 20, every: 5, batch: 61, seed: 3 };

describe("the training on replicas", () => {
  const trained = (replicas: number, path?: string, steps = OPTIONS.steps) =>
    runReplicas(replicas, (group) => train(group, { ...OPTIONS, steps }, path));

  it("is that of one, with the same bits on every replica", async () => {
    const [alone] = await trained(1);
    const expected = numbersOf(alone);
    for (const replicas of [2, 3, 7]) {
      const found = await trained(replicas);
      for (const one of found) assertEquals(one, found[0]);
      // Adam's steps are about 0.01 long whatever the gradient: twenty of them, each of gradients that
      // were summed in another order, differ by some roundings of 1.
      assertClose(numbersOf(found[0]), expected, 1e-6 * largest(expected), `${replicas} replicas`);
    }
  });

  it("takes up a checkpoint, and ends with the same bits", async () => {
    const through = `${folder}/through.safetensors`;
    const broken = `${folder}/broken.safetensors`;
    const [whole] = await trained(3, through);
    await trained(3, broken, 10);
    const [resumed] = await trained(3, broken);
    assertEquals(resumed, whole);
    assertEquals(await Deno.readFile(broken), await Deno.readFile(through));
    assertEquals(readSafetensors(await Deno.readFile(through)).metadata.steps, "20");
  });

  it("says of a file that it is no checkpoint, and leaves it as it is", async () => {
    const path = `${folder}/other.safetensors`;
    await Deno.writeTextFile(path, "something else");
    const error = await assertRejects(() => trained(2, path), ExampleError);
    assert(
      (error as Error).message.startsWith(`Cannot read ${path}: it must be a checkpoint, got `),
    );
    assertEquals(await Deno.readTextFile(path), "something else");
  });
});

/** All numbers that are trained. */
function numbersOf({ params: { layers, top } }: Training): number[] {
  const tensors = [
    ...layers.flatMap(({ w, beta, gamma }) => [w, beta, gamma]),
    top.kernel,
    top.bias,
  ];
  return tensors.flatMap(({ data }) => [...data]);
}

describe("the moments of a folder", () => {
  let pictures = "";
  let points: Tensor;
  before(async () => {
    pictures = `${folder}/pictures`;
    await Deno.mkdir(pictures);
    const all: number[] = [];
    for (let k = 0; k < 5; k++) {
      const width = 7 + k;
      const height = 5;
      const data = Uint16Array.from(
        { length: 3 * width * height },
        (_, i) => 60000 + 97 * (i % 3) + (i * i * 37 + k * 11) % 101,
      );
      const png = encode({ width, height, channels: 3, depth: 16, data });
      await Deno.writeFile(`${pictures}/${k}.png`, png);
      all.push(...data);
    }
    points = tensor(Float32Array.from(all, (value) => value / 65535), [all.length / 3, 3]);
  });

  const share = (group: ReplicaGroup, from = pictures, unreadable = 0) =>
    momentsOf(from, group, unreadable, () => () => {});

  it("are those of all points, by any number of replicas", async () => {
    const { mean, m2 } = oracle(points, [0]);
    for (const replicas of [1, 2, 3, 7]) {
      const all = await runReplicas(
        replicas,
        async (group) => await allMergeMoments(group, (await share(group)).moments),
      );
      for (const one of all) assertEquals(one, all[0]);
      const found = statisticsOf(all[0]);
      assertEquals(found.points, points.shape[0]);
      assertClose(found.mean.data, mean, 1e-7, "mean");
      const variance = Array.from(m2, (sum) => sum / found.points);
      assertClose(found.variance.data, variance, 1e-6 * largest(variance), "variance");
    }
  });

  it("are written as a state for batch norm", async () => {
    const path = `${folder}/statistics.safetensors`;
    await runReplicas(2, (group) => measured(group, pictures, path, 0));
    const { movingMean, movingVariance } = readSafetensors(await Deno.readFile(path)).tensors;
    const state = { movingMean, movingVariance };
    const { y } = await batchNorm(points, {}, state, { training: false, epsilon: 0 });
    const { count, mean, m2 } = oracle(y, [0]);
    // The state's mean is one float32, which is off by up to 3e-8 of data whose deviation is 4e-4.
    assertClose(mean, [0, 0, 0], 1e-4, "mean");
    assertClose(m2.map((sum, c) => sum / count[c]), [1, 1, 1], 1e-5, "variance");
  });

  it("of a share per replica are of all shares", async () => {
    for (let rank = 0; rank < 2; rank++) {
      await Deno.mkdir(`${folder}/share${rank}`);
      for (let k = rank; k < 5; k += 2) {
        await Deno.copyFile(`${pictures}/${k}.png`, `${folder}/share${rank}/${k}.png`);
      }
    }
    const [found] = await runReplicas(2, async (group) => {
      const { moments } = await share(group, `${folder}/share{rank}`);
      return await allMergeMoments(group, moments);
    });
    assertEquals(statisticsOf(found).points, points.shape[0]);
  });

  it("end with the name of a picture that cannot be read, or leave out as many as allowed", async () => {
    const spoilt = `${folder}/spoilt`;
    await Deno.mkdir(spoilt);
    await Deno.copyFile(`${pictures}/0.png`, `${spoilt}/a.png`);
    await Deno.writeTextFile(`${spoilt}/b.png`, "no picture");
    await Deno.copyFile(`${pictures}/1.png`, `${spoilt}/c.png`);
    const run = (unreadable: number) =>
      runReplicas(2, (group) => measured(group, spoilt, undefined, unreadable));
    const error = await assertRejects(() => run(0), ExampleError);
    assertEquals(
      (error as Error).message,
      `Cannot read ${spoilt}/b.png: no signature of a PNG`,
    );
    const [left] = await runReplicas(2, (group) => share(group, spoilt, 1));
    assertEquals(left.skipped, []);
    await run(1);
  });

  it("are not begun if they cannot be written, and leave no file if they fail", async () => {
    const unread = `${folder}/unread`;
    await Deno.mkdir(unread);
    await Deno.writeTextFile(`${unread}/a.png`, "no picture");
    const run = (path: string) =>
      assertRejects(
        () => runReplicas(1, (group) => measured(group, unread, path, 0)),
        ExampleError,
      );
    const path = `${folder}/no/statistics.safetensors`;
    assert((await run(path) as Error).message.startsWith(`Cannot write ${path}: `));
    const left = `${folder}/left.safetensors`;
    assertEquals(
      (await run(left) as Error).message,
      `Cannot read ${unread}/a.png: no signature of a PNG`,
    );
    await assertRejects(() => Deno.stat(left), Deno.errors.NotFound);
    await Deno.writeTextFile(left, "an earlier one");
    await run(left);
    assertEquals(await Deno.readTextFile(left), "an earlier one");
  });

  it("are refused for a folder that is not there, and for one without pictures", async () => {
    const none = `${folder}/none`;
    const missing = await assertRejects(
      () => runReplicas(2, (group) => measured(group, none, undefined, 0)),
      ExampleError,
    );
    assert((missing as Error).message.startsWith(`Cannot read ${none}: `));
    await Deno.mkdir(none);
    const empty = await assertRejects(
      () => runReplicas(2, (group) => measured(group, none, undefined, 0)),
      ExampleError,
    );
    assertEquals((empty as Error).message, `Cannot take moments: ${none} has no PNG`);
  });
});
