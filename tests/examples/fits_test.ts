import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { ExampleError, photographs } from "../../examples/shared/command.ts";
import { allFits, digestOf } from "../../examples/shared/fits.ts";
import { deviationOf, meanOf, rangeOf, shown } from "../../examples/shared/spread.ts";

let folder = "";
before(async () => {
  folder = await Deno.makeTempDir();
});
after(() => Deno.remove(folder, { recursive: true }));

const SETTINGS = [1, 2, 3, 4].map((seed) => ({ seed }));

/** Squares of the seeds; the fit with the seed `broken` throws. */
function squares(made: number[], broken = NaN, file = "fits.json") {
  return allFits({
    settings: SETTINGS,
    stepsOf: () => 1,
    nameOf: ({ seed }) => `seed ${seed}`,
    fit: ({ seed }, onSteps) => {
      if (seed === broken) return Promise.reject(new Error("interrupted"));
      made.push(seed);
      onSteps(1);
      return Promise.resolve({ square: seed === 2 ? NaN : seed ** 2 });
    },
    folder: `${folder}/cache`,
    file,
  });
}

describe("fits that are interrupted", () => {
  it("are taken up where they ended, with the same results", async () => {
    const first: number[] = [];
    await assertRejects(() => squares(first, 3), Error, "interrupted");
    assertEquals(first, [1, 2]);
    const second: number[] = [];
    const { results, forget } = await squares(second);
    assertEquals(second, [3, 4]);
    assertEquals(results.map(({ square }) => square), [1, NaN, 9, 16]);
    await forget();
    const third: number[] = [];
    await squares(third);
    assertEquals(third, [1, 2, 3, 4]);
  });

  it("are not taken from a file that holds something else", async () => {
    for (const [i, text] of ["[1]", "1", "{"].entries()) {
      const path = `${folder}/cache/other${i}.json`;
      await Deno.writeTextFile(path, text);
      const error = await assertRejects(() => squares([], NaN, `other${i}.json`), ExampleError);
      const { message } = error as Error;
      assertEquals(message.startsWith(`Cannot read ${path}: it must be finished fits, got `), true);
      assertEquals(await Deno.readTextFile(path), text);
    }
  });

  it("say that their file cannot be written before they begin", async () => {
    await Deno.writeTextFile(`${folder}/no_folder`, "");
    const made: number[] = [];
    const error = await assertRejects(() =>
      allFits({
        settings: SETTINGS,
        stepsOf: () => 1,
        nameOf: () => "",
        fit: ({ seed }) => Promise.resolve(made.push(seed)),
        folder: `${folder}/no_folder/cache`,
        file: "fits.json",
      }), ExampleError);
    assertMatch((error as Error).message, /^Cannot (read|write) .*no_folder\/cache\/fits\.json: /);
    assertEquals(made, []);
  });
});

describe("the photographs of a fit", () => {
  it("are those of the repository, and no two are the same", async () => {
    const all = await photographs([], 8);
    assertEquals(all.map(({ width, height }) => [width, height]), [[320, 240], [320, 240], [
      320,
      240,
    ]]);
    assertEquals(new Set(await Promise.all(all.map((one) => digestOf([one.data])))).size, 3);
    const copy = `${folder}/copy.png`;
    await Deno.copyFile(new URL("../../examples/photographs/cat.png", import.meta.url), copy);
    const error = await assertRejects(() => photographs([copy], 8), ExampleError);
    assertMatch(
      (error as Error).message,
      /^Cannot take .*copy\.png: each picture must be another one, got that of .*photographs\/cat\.png$/,
    );
  });
});

it("fits are shown with their spread", () => {
  assertEquals(meanOf([1, 2, 6]), 3);
  assertEquals(deviationOf([1, 2, 6]), Math.sqrt(7));
  assertEquals(deviationOf([5]), 0);
  assertEquals(rangeOf([3, 1, 2]), [1, 3]);
  assertEquals(shown([1, 2, 6], 2), "3.00 ± 2.65");
  assertEquals(shown([1], 2), "1.00");
});
