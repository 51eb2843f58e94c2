import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { decode, encode } from "fast-png";
import { fileURLToPath } from "node:url";
import config from "../../../deno.json" with { type: "json" };
import { picture } from "./reference.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const TASK = config.tasks["codec-compressai"];

/** Runs the command with the permissions of its task. */
async function command(...args: string[]) {
  const [, ...own] = TASK.split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...own, ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

describe("deno task codec-compressai", () => {
  let folder = "";
  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "kernorm-" });
  });
  after(() => Deno.remove(folder, { recursive: true }));

  it("codes a picture, says how well, and writes what it has decoded", async () => {
    const { width, height, data } = picture;
    const bytes = Uint8Array.from(data, (value) => Math.round(255 * value));
    await Deno.writeFile(`${folder}/in.png`, encode({ width, height, data: bytes, channels: 3 }));
    const { code, out, err } = await command(`${folder}/in.png`, `--out=${folder}/out.png`);
    assertEquals(code, 0, err);
    assertMatch(out, /in\.png: 128 x 96 points, on (WebAssembly|the graphics card)\n/);
    assertMatch(out, /6 x 8 x 64 numbers, an estimated 0\.\d+ bits per point, \d+ bytes in all\n/);
    assertMatch(out, /PSNR \d\d\.\d\d dB\nwrote .*out\.png\n$/);
    assertMatch(err, /0 % .*100 % done/s);
    const decoded = decode(await Deno.readFile(`${folder}/out.png`));
    assertEquals([decoded.width, decoded.height, decoded.channels], [width, height, 3]);
    const differences = bytes.map((value, i) => Math.abs(value - decoded.data[i]));
    const mean = differences.reduce((sum, value) => sum + value, 0) / bytes.length;
    assert(mean > 0 && mean < 15, `differs by ${mean} on average`);
  });

  it("says what is wrong with its arguments and files", async () => {
    const usage = "Usage: deno task codec-compressai [picture.png] [--out=decoded.png]\n";
    const missing = `${folder}/missing.png`;
    const cases: [args: string[], message: RegExp][] = [
      [["--in=a.png"], new RegExp(`^${usage.replace(/[[\]]/g, "\\$&")}$`)],
      [["a.png", "b.png"], /^Usage: /],
      [["--out="], /^Usage: /],
      [[missing], /^Cannot read .*missing\.png: .+\n$/],
      [[`${root}deno.json`], /^Cannot read .*deno\.json: it must be a PNG, got .+\n$/],
      [
        [`${root}examples/sample.png`, `--out=${folder}/none/a.png`],
        /Cannot write .*a\.png: .+\n$/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await command(...args);
      assertEquals(code, 1, err);
      assertMatch(err, message);
    }
  });

  it("refuses a picture with too many points before it is coded", async () => {
    const width = 4096;
    const height = 1025;
    const file = encode({ width, height, data: new Uint8Array(width * height), channels: 1 });
    await Deno.writeFile(`${folder}/large.png`, file);
    const { code, err } = await command(`${folder}/large.png`);
    assertEquals(code, 1);
    assertMatch(
      err,
      /Cannot encode a picture: it must have 1 to 4194304 points, got 4096 x 1025\n$/,
    );
  });
});
