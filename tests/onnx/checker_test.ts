import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../../mod.ts";
import { toOnnx } from "../../ops/onnx/mod.ts";
import { cases } from "./cases.ts";

const SCRIPT = fileURLToPath(new URL("check.py", import.meta.url));
const python = Deno.env.get("KERNORM_PYTHON") ?? "python3";

/** What a script of Python prints, or why it does not run. */
async function printed(...args: string[]): Promise<{ readonly text: string } | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(python, { args, stderr: "null" }).output();
    return success ? { text: new TextDecoder().decode(stdout) } : undefined;
  } catch {
    return undefined;
  }
}

const has = await printed("-c", "import onnx") !== undefined;
const skip = has ? "" : `: ${python} has no onnx; KERNORM_PYTHON can name another Python`;

describe("onnx.checker", () => {
  for (const opset of [17, 21] as const) {
    for (const precise of [false, true]) {
      const what = `operator set ${opset}${precise ? ", precise" : ""}`;
      (has ? it : it.skip)(`has nothing to say of any model of ${what}${skip}`, async () => {
        const dir = await Deno.makeTempDir({ prefix: "kernorm-" });
        try {
          const names = Object.keys(cases);
          for (const [i, name] of names.entries()) {
            const { fn, input } = cases[name];
            const model = toOnnx(fn as () => Tensor, input, { opset, precise });
            await Deno.writeFile(`${dir}/${i} ${name.replaceAll(/\W/g, "_")}.onnx`, model);
          }
          assertEquals(await printed(SCRIPT, dir), { text: `${names.length}\n` });
        } finally {
          await Deno.remove(dir, { recursive: true });
        }
      });
    }
  }
});
