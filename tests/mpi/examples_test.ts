import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import { measured } from "../../examples/dataset_moments.ts";
import { runReplicas } from "../../mod.ts";
import { countOf, implementations, launch, PERMISSIONS } from "./launch.ts";

let folder = "";
before(async () => {
  folder = await Deno.makeTempDir({ prefix: "kernorm-" });
});
after(() => Deno.remove(folder, { recursive: true }));

for (const implementation of implementations) {
  const { name, skip, ranks } = implementation;
  const suite = skip === undefined ? describe : describe.skip;
  const start = (program: string, size: number, ...args: string[]) =>
    launch(implementation, size, program, args, {
      permissions: [...PERMISSIONS, "--allow-read", `--allow-write=${folder}`, "--allow-run"],
    });

  suite(`examples with ${name}${skip === undefined ? "" : ` (${skip})`}`, () => {
    it("arrive at the same bits when a rank was killed on the way", async () => {
      const through = `${folder}/${name} through.safetensors`;
      const killed = `${folder}/${name} killed.safetensors`;
      const whole = await start("train.ts", ranks, through);
      assertEquals(whole.code, 0, whole.output);
      const broken = await start("train.ts", ranks, killed, "12");
      assert(broken.code !== 0, "a killed rank must end the run with another code than 0");
      assert((await Deno.readFile(killed)).length > 0);
      const resumed = await start("train.ts", ranks, killed);
      assertEquals(resumed.code, 0, resumed.output);
      assertEquals(resumed.reports, whole.reports);
      assertEquals(await Deno.readFile(killed), await Deno.readFile(through));
    });

    it("take the moments of a folder, and name what cannot be read", async () => {
      const pictures = `${folder}/${name}`;
      await Deno.mkdir(pictures);
      for (let k = 0; k < 5; k++) {
        const data = Uint8Array.from({ length: 3 * 4 * (3 + k) }, (_, i) => (i * i * 37 + k) % 256);
        const png = encode({ width: 4, height: 3 + k, channels: 3, data });
        await Deno.writeFile(`${pictures}/${k}.png`, png);
      }
      const path = `${folder}/${name} moments.safetensors`;
      const found = await start("dataset.ts", ranks, pictures, path, "0");
      assertEquals(found.code, 0, found.output);
      const inProcess = `${folder}/${name} in process.safetensors`;
      await runReplicas(ranks, (group) => measured(group, pictures, inProcess, 0));
      assertEquals(await Deno.readFile(path), await Deno.readFile(inProcess));

      await Deno.writeTextFile(`${pictures}/3.png`, "no picture");
      const text = `Cannot read ${pictures}/3.png: no signature of a PNG`;
      const refused = await start("dataset.ts", ranks, pictures, path, "0");
      assert(refused.code !== 0);
      assertEquals(countOf(refused.output, text), 1, refused.output);
      const left = await start("dataset.ts", ranks, pictures, path, "1");
      assertEquals(left.code, 0, left.output);
      assertEquals(countOf(left.output, "left out: "), 1, left.output);
    });
  });
}
