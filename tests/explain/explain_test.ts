import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("main.ts", import.meta.url));
const SCRIPTS = fileURLToPath(new URL("scripts/", import.meta.url));

/** What the tool prints, and how it ends. */
async function explain(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly printed: string; readonly errors: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", TOOL, ...args],
    env: { INIT_CWD: SCRIPTS, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, printed: text.decode(stdout), errors: text.decode(stderr) };
}

/** A script of its own in a folder that is not the library's. */
async function explainText(source: string, ...args: readonly string[]) {
  const file = await Deno.makeTempFile({ prefix: "kernorm explain #", suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    return await explain(file, ...args);
  } finally {
    await Deno.remove(file);
  }
}

describe("deno task explain", () => {
  it("prints every plan once, and that its backends agree", async () => {
    const { code, printed } = await explain("right.ts");
    const heads = printed.split("\n").filter((line) => /^(plan|wasm and|\d+ plans)/.test(line));
    assertEquals(heads, [
      "plan 1: 3 launches",
      "wasm and cpu compute the same bits",
      "plan 2: 10 launches",
      "wasm and cpu compute the same bits",
      "2 plans, 3 runs: wasm and cpu agree within 0.00001",
    ]);
    const plan = printed.split("\n").slice(0, 13);
    assertEquals(plan.slice(1, 6), [
      " #1 effective over 3 x 1 x 1 of reparamBeta, a scalar, a scalar: 3 numbers",
      " #2 effective over 9 x 1 x 1 of reparamGamma, a scalar, a scalar: 9 numbers",
      " #3 gdnChannelsLastSquareSquare over 3 x 16 x 2 of x, x, #1, #2: 96 numbers, returned",
      "wasm: 3 groups, a block of 1088 bytes, panels of 48",
      " group 1: #1",
    ]);
    assertEquals(plan.slice(11), [
      "webgpu: 1 dispatch",
      " dispatch 1: #1 #2 #3: 1 workgroup of 256 threads, one after the other",
    ]);
    assertEquals(code, 0);
  });

  it("names the first launch whose values differ, and where they do", async () => {
    const { code, printed } = await explain("wrong.ts");
    const lines = printed.split("\n");
    const at = lines.findIndex((line) => line.includes("differ"));
    assertEquals(lines.slice(at, at + 4), [
      "wasm and cpu first differ in launch #4 deltaOf, also when it runs alone on the same numbers",
      " first at 0, cell 0, 0, 0 of 2 x 1 x 1: 32 on wasm, 2 on cpu",
      " 1 of 2 numbers further apart than 0.00001 of the largest, 32",
      " of the results, the first to differ is that of launch #9 normalizeChannelsFirst",
    ]);
    assertEquals(lines.at(-2), "1 plan, 1 run: wasm and cpu differ in plan 1");
    assertEquals(code, 1);
  });

  it("tells rounding from errors by the tolerance", async () => {
    const source = `import { gdn, tensor } from "@kernorm/kernorm";
      const x = tensor(Float32Array.from({ length: 64 }, (_, i) => 1 + i / 7), [8, 8]);
      const gamma = tensor(Float32Array.from({ length: 64 }, (_, i) => 1 / (3 + i)), [8, 8]);
      await gdn(x, { beta: new Float32Array(8).fill(1), gamma });`;
    const within = await explainText(source);
    assert(
      /agree; furthest apart are values of launch #1 gdn\w+: \S+e-[78] of/.test(within.printed),
    );
    assertEquals(within.code, 0);
    const exact = await explainText(source, "--tolerance=0");
    assert(
      /first differ in launch #1 gdn\w+, also when it runs alone on the same numbers/.test(
        exact.printed,
      ),
    );
    assertEquals(exact.code, 1);
  });

  it("tells what rounding decides from what is computed otherwise", async () => {
    // A term of the product is rounded once on wasm and twice on cpu, and nothing else is left of it.
    const { code, printed } = await explainText(`
      import { pipeline, tensor } from "@kernorm/kernorm";
      const numbers = (from) => Float32Array.from({ length: 8 }, (_, i) => Math.sin(from + i));
      const columns = [tensor(numbers(1), [8, 1]), tensor(numbers(20), [8, 1])];
      const rows = [tensor(numbers(40), [1, 8]), tensor(numbers(60), [1, 8])];
      const a = tensor(Float32Array.from({ length: 16 }, (_, i) => columns[i % 2].data[i >> 1]), [8, 2]);
      const b = tensor([[...rows[0].data], [...rows[1].data]]);
      await pipeline((ops, { a, b, columns, rows }) => {
        const terms = columns.map((column, i) => ops.mul(column, rows[i]));
        return ops.sub(ops.matmul(a, b), ops.add(terms[0], terms[1]));
      })({ a, b, columns, rows });`);
    const lines = printed.split("\n");
    const at = lines.findIndex((line) => line.includes("differ"));
    assert(
      lines[at].startsWith(
        "wasm and cpu first differ in launch #9 subtract, but not when it runs alone on the same numbers:",
      ),
    );
    assertEquals(
      lines[at + 3],
      " of the results, the first to differ is that of launch #9 subtract",
    );
    assertEquals(code, 1);
  });

  it("sees calls at once, and those of a script that ends itself", async () => {
    const { code, printed } = await explainText(`
      import { createRuntime, pipeline, tensor } from "@kernorm/kernorm";
      const runtime = await createRuntime({ backend: "cpu" });
      const twice = pipeline((ops, x) => ops.add(x, x), { runtime, sync: true });
      for (let i = 0; i < 3; i++) twice(tensor([i]));
      Deno.exit(0);`);
    assertEquals(code, 0);
    assertEquals(
      printed.split("\n").at(-2),
      "1 plan, 3 runs: wasm and cpu agree within 0.00001",
    );
  });

  it("tells a script's own error, after what has run", async () => {
    const { code, printed, errors } = await explainText(`
      import { layerNorm, tensor } from "@kernorm/kernorm";
      await layerNorm(tensor([[1, 2]]));
      throw new Error("the script's own");`);
    assertEquals(code, 1);
    assert(errors.includes("the script's own"));
    assert(printed.includes("plan 1: 9 launches"));
  });

  it("refuses what it cannot explain", async () => {
    const refusals = [
      [["right.ts", "wrong.ts"], "Cannot explain: FILE must be one script, got 2"],
      [
        ["right.ts", "--backends=wasm"],
        "Cannot explain: --backends must be two of webgpu, wasm, webgl2, cpu, got wasm",
      ],
      [
        ["right.ts", "--tolerance=much"],
        "Cannot explain: --tolerance must be a number >= 0, got much",
      ],
      [
        ["missing.ts"],
        `Cannot explain: FILE must be a script, got ${SCRIPTS}missing.ts, which is not there`,
      ],
    ] as const;
    for (const [args, message] of refusals) {
      const { code, errors } = await explain(...args);
      assertEquals([code, errors.split("\n")[0]], [2, message]);
    }
    const unknown = await explain("right.ts", "--tolerence=1");
    assertEquals(unknown.code, 2);
    assert(unknown.errors.startsWith("Cannot explain: Unknown option '--tolerence'"));
    const { code, errors } = await explainText("export {};");
    assertEquals(code, 1);
    assert(/^Cannot explain: \S.* must run ops of this checkout, .* got none$/m.test(errors));
  });
});
