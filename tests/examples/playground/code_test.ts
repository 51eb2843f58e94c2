/**
 * The code that the playground offers: it compiles, and gives the picture that the page draws.
 *
 * @module
 */
import { createRuntime, type Runtime, type Tensor } from "../../../mod.ts";
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { CONTRAST_POOL } from "../../../examples/demo/patches.ts";
import { callOf } from "../../../examples/playground/apply.ts";
import { codeOf } from "../../../examples/playground/code.ts";
import { drawingOf, scaled } from "../../../examples/playground/picture.ts";
import { defaultsOf, type Settings } from "../../../examples/playground/settings.ts";
import { planesOf, tensorOf } from "../../../examples/playground/tensors.ts";
import { COLOURS, HEIGHT, WIDTH } from "./user.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Every op, with and without each of what its code has in addition. */
const CASES: Readonly<Record<string, Settings>> = {
  "GDN": defaultsOf("gdn"),
  "GDN of colours, with other exponents": {
    ...defaultsOf("gdn"),
    channels: "rgb",
    alpha: 1,
    epsilon: 1,
  },
  "GDN and back": { ...defaultsOf("gdn"), back: true },
  "GDN and back with channels first": { ...defaultsOf("gdn"), back: true, dataFormat: "NCHW" },
  "IGDN on cpu": { ...defaultsOf("igdn"), backend: "cpu" },
  "group norm": { ...defaultsOf("groupNorm"), channels: "rgb", groups: 3 },
  "group norm of tiles with channels first, on wasm": {
    ...defaultsOf("groupNorm"),
    channels: "rgb",
    dataFormat: "NCHW",
    tiles: 4,
    stabiliser: 0.01,
    backend: "wasm",
  },
  "instance norm": { ...defaultsOf("instanceNorm"), channels: "rgb" },
  "instance norm with options": { ...defaultsOf("instanceNorm"), stabiliser: 0, tiles: 2 },
  "layer norm": { ...defaultsOf("layerNorm"), channels: "rgb" },
  "layer norm of rows": { ...defaultsOf("layerNorm"), dataFormat: "NCHW", stabiliser: 1e-3 },
  "batch norm": defaultsOf("batchNorm"),
  "batch norm of tiles": {
    ...defaultsOf("batchNorm"),
    channels: "rgb",
    dataFormat: "NCHW",
    tiles: 2,
    stabiliser: 1e-8,
  },
};

/** The picture's planes as numbers from 0 to 1. */
const PLANES = [0, 1, 2].map((c) => ({
  width: WIDTH,
  height: HEIGHT,
  data: Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => COLOURS[3 * i + c] / 255),
}));

/** Backends differ by 1e-6, which can turn the rounding of a grey level. */
const LEVELS = 1;

describe("the code that the playground offers", () => {
  let folder: string;
  let runtime: Runtime;
  const texts = new Map<string, string>();

  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "kernorm-" });
    runtime = await createRuntime({ backend: "cpu" });
    for (const [name, settings] of Object.entries(CASES)) {
      const { x, back } = await drawn(settings);
      const code = codeOf(settings, {
        shape: x.shape,
        pool: CONTRAST_POOL,
        ...back === undefined ? {} : { back },
      });
      texts.set(name, code);
      const local = code.replace('"@kernorm/kernorm"', `"${new URL("mod.ts", ROOT)}"`);
      await Deno.writeTextFile(pathOf(name), local);
    }
  });
  after(async () => {
    await runtime.dispose();
    await Deno.remove(folder, { recursive: true });
  });

  function pathOf(name: string): string {
    return `${folder}/${Object.keys(CASES).indexOf(name)}.ts`;
  }

  /** What the page draws, by the steps of its worker. */
  async function drawn(settings: Settings) {
    const planes = settings.channels === "rgb" ? PLANES : PLANES.slice(0, 1);
    const x = tensorOf(planes, settings);
    const { run, back } = await callOf(x, settings, runtime);
    const pointsOf = (y: Tensor) => drawingOf(scaled(planesOf(y, planes, settings))).points;
    return { x, back, points: pointsOf(await run()), pointsOf };
  }

  it("type-checks", async () => {
    const map = fileURLToPath(new URL("tests/npm.import_map.json", ROOT));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--no-lock",
        `--config=${fileURLToPath(new URL("deno.json", ROOT))}`,
        `--import-map=${map}`,
        ...Object.keys(CASES).map(pathOf),
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  });

  for (const [name, settings] of Object.entries(CASES)) {
    it(`gives the picture: ${name}`, async () => {
      const { x, points, pointsOf } = await drawn(settings);
      const { normalize } = await import(`file://${pathOf(name)}`);
      const found = pointsOf(await normalize(x));
      assertEquals(found.length, points.length);
      const far = points.findIndex((level, i) => Math.abs(level - found[i]) > LEVELS);
      assertEquals(far, -1, `level ${found[far]} for ${points[far]}`);
      assert(new Set(points).size > 3, "the picture must not be empty");
    });
  }

  it("says what x is, and leaves out options that are defaults", () => {
    assertEquals(
      texts.get("instance norm"),
      `import { instanceNorm, type Tensor } from "@kernorm/kernorm";

/**
 * @param x Red, green and blue from 0 to 1, NHWC,
 *   shape (1, 16, 24, 3)
 * @returns The same shape
 */
export async function normalize(x: Tensor): Promise<Tensor> {
  return await instanceNorm(x);
}
`,
    );
  });
});
