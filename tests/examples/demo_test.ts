import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { decode, encode } from "fast-png";
import { fileURLToPath } from "node:url";
import { GAP } from "../../examples/shared/image.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";

/** Runs the demo with the permissions of its task. */
async function demo(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-lock",
      "--config",
      `${root}deno.json`,
      "--allow-read",
      "--allow-write",
      `${root}examples/demo.ts`,
      ...args,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Writes a PNG of varied points into the test's folder. */
async function picture(
  name: string,
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
  depth: 8 | 16,
): Promise<string> {
  const length = width * height * channels;
  const most = 2 ** depth;
  const values = Array.from({ length }, (_, i) => (i * i * 37 + i * 101) % most);
  const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  const path = `${folder}/${name}.png`;
  await Deno.writeFile(path, encode({ width, height, data, channels, depth }));
  return path;
}

describe("the demo", () => {
  before(async () => {
    folder = await Deno.makeTempDir();
  });
  after(async () => {
    await Deno.remove(folder, { recursive: true });
  });

  it("normalises its sample on every backend and writes its contrasts before and after", async () => {
    const output = `${folder}/sample_out.png`;
    const { code, out } = await demo(`${root}examples/sample.png`, output);
    assertEquals(code, 0);
    const errors = [...out.matchAll(/largest difference from float64 (\S+)/g)].map(([, e]) => +e);
    assert(errors.length >= 2 && errors.every((error) => error < 1e-5), out);
    assertStringIncludes(out, "tile");
    const { width, height, data, channels } = decode(await Deno.readFile(output));
    assertEquals([width, height, channels], [3 * 320 + 2 * GAP, 240, 2]);
    /** How much the grey levels of each tile of a picture vary. */
    const deviations = (picture: number) => {
      const found: number[] = [];
      for (let top = 0; top < height; top += 40) {
        for (let left = 0; left < 320; left += 40) {
          const levels = Array.from({ length: 40 * 40 }, (_, i) => {
            const x = picture * (320 + GAP) + left + i % 40;
            return data[2 * ((top + Math.floor(i / 40)) * width + x)];
          });
          found.push(deviation(levels));
        }
      }
      return found.sort((a, b) => a - b);
    };
    // Faint tiles stand out like strong ones: their share of the median grows several times.
    const share = (sorted: number[]) => sorted[5] / sorted[24];
    const before = share(deviations(1));
    const after = share(deviations(2));
    assert(after > 2 * before, `${before} before, ${after} after`);
  });

  for (
    const [name, width, height, channels, depth] of [
      ["grey of one point", 1, 1, 1, 8],
      ["grey with alpha", 3, 2, 2, 8],
      ["16-bit grey", 40, 33, 1, 16],
      ["16-bit colour", 9, 7, 3, 16],
      ["colour with alpha", 12, 5, 4, 8],
    ] as const
  ) {
    it(`takes ${name}`, async () => {
      const input = await picture(name, width, height, channels, depth);
      const output = `${folder}/${name}_out.png`;
      const { code, err } = await demo(input, output);
      assertEquals([code, err.includes("Cannot")], [0, false]);
      const result = decode(await Deno.readFile(output));
      assertEquals([result.width, result.height], [3 * width + 2 * GAP, height]);
    });
  }

  it("says in one line that a file is missing", async () => {
    const { code, err } = await demo(`${folder}/none.png`, `${folder}/out.png`);
    assertEquals(code, 1);
    assert(/^Cannot read \S+none\.png: No such file or directory.*\n$/.test(err), err);
  });

  it("says in one line that a file is broken, and writes nothing", async () => {
    const whole = await Deno.readFile(`${root}examples/sample.png`);
    for (
      const bytes of [whole.slice(0, 500), new Uint8Array(0), new TextEncoder().encode("text")]
    ) {
      await Deno.writeFile(`${folder}/broken.png`, bytes);
      const { code, err } = await demo(`${folder}/broken.png`, `${folder}/never.png`);
      assertEquals(code, 1);
      assert(/^Cannot read \S+broken\.png: it must be a PNG, got .*\n$/.test(err), err);
    }
    assertEquals(await Deno.stat(`${folder}/never.png`).catch(() => "absent"), "absent");
  });

  it("says in one line that it cannot write, before it works", async () => {
    const { code, out, err } = await demo(`${root}examples/sample.png`, `${folder}/no/out.png`);
    assertEquals(code, 1);
    assert(/^Cannot write \S+no\/out\.png: No such file or directory.*\n$/.test(err), err);
    assert(!out.includes("tile"));
  });

  it("explains itself when it is called wrongly", async () => {
    for (const args of [["a", "b", "c"], ["--fast"]]) {
      const { code, err } = await demo(...args);
      assertEquals([code, err], [1, "Usage: deno task demo [image.png] [output.png]\n"]);
    }
  });
});

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
