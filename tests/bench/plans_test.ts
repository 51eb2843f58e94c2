import { changedPlans, differenceText, fileOf, textOf } from "../../bench/plans.ts";
import { workloads } from "../../bench/workloads.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";

describe("the plans of the benches' workloads", () => {
  it("are those of bench/plans/, which `deno task bench plans` writes", async () => {
    const changes = await changedPlans(new URL("../../bench/plans/", import.meta.url));
    const texts = changes.map(({ file, before, now }) => differenceText(file, before, now));
    assert(
      changes.length === 0,
      `Plans have changed. If that is meant, call \`deno task bench plans\`.\n\n${
        texts.join("\n\n")
      }`,
    );
  });

  it("have a file each", () => {
    assertEquals(new Set(workloads.map(fileOf)).size, workloads.length);
  });

  it("are compared as texts: what changed, what is missing and what has no workload", async () => {
    const folder = await Deno.makeTempDir({ prefix: "kernorm-plans-" });
    try {
      for (const workload of workloads.slice(2)) {
        await Deno.writeTextFile(`${folder}/${fileOf(workload)}`, await textOf(workload));
      }
      const [first, second] = workloads;
      const text = await textOf(first);
      const other = text.replace("wasm: 1 group,", "wasm: 2 groups,");
      assert(other !== text);
      await Deno.writeTextFile(`${folder}/${fileOf(first)}`, other);
      await Deno.writeTextFile(`${folder}/zzz.txt`, "nobody's");
      assertEquals(await changedPlans(new URL(`file://${folder}/`)), [
        { file: fileOf(second), before: "", now: await textOf(second) },
        { file: fileOf(first), before: other, now: text },
        { file: "zzz.txt", before: "nobody's", now: "" },
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("differ in the lines between the first and the last that differ", () => {
    assertEquals(
      differenceText("a.txt", "one\ntwo\nthree\nfour", "one\n2\n2 1/2\nthree\nfour"),
      "bench/plans/a.txt, from line 2\n- two\n+ 2\n+ 2 1/2",
    );
    assertEquals(
      differenceText("a.txt", "one\none", "one\none\none"),
      "bench/plans/a.txt, from line 3\n+ one",
    );
  });
});
