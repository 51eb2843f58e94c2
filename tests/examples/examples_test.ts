import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import { fileURLToPath } from "node:url";
import { independentComponents } from "../../examples/density/ica.ts";
import { logDeterminants } from "../../examples/density/likelihood.ts";
import { marginalDivergence, pairwiseInformation } from "../../examples/density/measures.ts";
import { chart } from "../../examples/shared/chart.ts";
import { encodeRow } from "../../examples/shared/image.ts";
import { leaves } from "../../examples/shared/leaves.ts";
import { eigen, inverse, multiply, transposed } from "../../examples/shared/linear.ts";
import { openRandom } from "../../examples/shared/random.ts";
import { assertClose } from "../support/close.ts";
import { gdn } from "../oracle/gdn.ts";
import { dot, gradientOf } from "../support/slope.ts";
import { drawnDigits, writeDigits } from "./batch_size/drawn.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";

/** Runs a copy of an example, so that its committed picture stays as it is. */
async function example(name: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-lock",
      "--config",
      `${folder}/deno.json`,
      "--allow-read",
      `--allow-write=${folder}/examples`,
      `${folder}/examples/${name}.ts`,
      ...args,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Runs an example that cannot write its picture, so that it ends after its last fit, and again. */
async function resume(name: string, run: () => ReturnType<typeof example>) {
  const svg = `${folder}/examples/${name}/${name}.svg`;
  await Deno.remove(svg);
  await Deno.mkdir(svg);
  const ended = await run();
  assertEquals(ended.code, 1);
  assertMatch(ended.err, new RegExp(`Cannot write .*${name}\\.svg: `));
  await Deno.remove(svg);
  const resumed = await run();
  assertEquals(resumed.code, 0, resumed.err);
  return resumed;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

describe("the training examples", () => {
  before(async () => {
    // A checkout may lie below any name.
    folder = await Deno.makeTempDir({ prefix: "kernorm é " });
    for (const name of ["examples", "ops", "generated"]) {
      await copyFolder(`${root}${name}`, `${folder}/${name}`);
    }
    for (const name of ["mod.ts", "deno.json"]) {
      await Deno.copyFile(`${root}${name}`, `${folder}/${name}`);
    }
  });
  after(async () => {
    await Deno.remove(folder, { recursive: true });
  });

  const short: Readonly<Record<string, { readonly args: string[]; readonly rows: string[] }>> = {
    density: {
      args: ["--steps=20", "--fits=2", "--patches=2000"],
      rows: ["PCA", "ICA", "ICA-MG", "RG", "GDN"],
    },
    codec: {
      args: ["--steps=5", "--fits=2"],
      rows: ["linear", "ReLU", "GDN, 1 layer", "GDN, 2 layers"],
    },
  };
  for (const [name, { args, rows }] of Object.entries(short)) {
    it(`${name} runs, says how far it is, and writes its picture`, async () => {
      const { code, out, err } = await example(name, ...args);
      assertEquals(code, 0, err);
      for (const row of rows) assertMatch(out, new RegExp(`^${row} .*(\\d|dB|diverged)$`, "m"));
      assertMatch(err, /100 %/);
      assertMatch(await Deno.readTextFile(`${folder}/examples/${name}/${name}.svg`), /^<svg /);
    });
  }

  it("batch_size runs on files, and goes on where it has been interrupted", async () => {
    await writeDigits(folder, drawnDigits(40, 1), drawnDigits(20, 2));
    const svg = `${folder}/examples/batch_size/batch_size.svg`;
    const run = () => example("batch_size", folder, "--fits=1", "--samples=32");
    const whole = await run();
    assertEquals(whole.code, 0, whole.err);
    for (const row of ["batch", "renorm", "group", "layer", "none", "renorm fast"]) {
      assertMatch(whole.out, new RegExp(`^${row} .*(\\d|diverged)$`, "m"));
    }
    assertMatch(whole.err, /100 %/);
    const drawn = await Deno.readTextFile(svg);
    assertMatch(drawn, /^<svg /);
    const resumed = await resume("batch_size", run);
    assertMatch(
      resumed.err,
      /^found 40 of 40 fits in .*batch_size\/cache\/batch_size\.json$/m,
    );
    assertEquals(resumed.out, whole.out);
    assertEquals(await Deno.readTextFile(svg), drawn);
  });

  it("codec-study changes one choice at a time", async () => {
    const { code, out, err } = await example("codec_study", "--steps=1", "--fits=1");
    assertEquals(code, 0, err);
    assertMatch(err, /100 %/);
    const rows = out.trim().split("\n").slice(1);
    assertEquals(rows.length, 13);
    for (const row of rows) assertMatch(row, /^.{36}( +-?\d+\.\d{4}){4}$/);
  });

  it("codec and density take more pictures, and hold each back", async () => {
    const picture = `${folder}/leaves.png`;
    await Deno.writeFile(picture, encodeRow([leaves(64, 9)]));
    for (const name of ["codec", "density"]) {
      const few = name === "density" ? ["--patches=500"] : [];
      const { code, err } = await example(name, picture, "--steps=2", "--fits=4", ...few);
      assertEquals(code, 0, err);
      if (name === "density") assertMatch(err, /photograph 4 held back, seed 4/);
    }
  });

  it("codec leaves nothing of what is finished, but a run that ends early does", async () => {
    const cache = `${folder}/examples/codec/own`;
    const run = () => example("codec", "--steps=2", "--fits=1", `--cache=${cache}`);
    const whole = await run();
    assertEquals(whole.code, 0, whole.err);
    assertEquals([...Deno.readDirSync(cache)], []);
    const resumed = await resume("codec", run);
    assertMatch(resumed.err, /^found 16 of 16 fits in .*own\/codec\.json$/m);
    assertEquals(resumed.out, whole.out);
    assertEquals([...Deno.readDirSync(cache)], []);
  });

  it("refuse pictures that are smaller than what they cut out of them", async () => {
    const small = `${folder}/small.png`;
    const data = new Uint8Array(9 * 3);
    await Deno.writeFile(small, encode({ width: 9, height: 3, data, channels: 1 }));
    for (const [name, side] of [["codec", 8], ["density", 4], ["tfjs_layers", 40]]) {
      const { code, err } = await example(`${name}`, small);
      assertEquals([code, err], [
        1,
        `Cannot take ${small}: it must have at least ${side} x ${side} points, got 9 x 3\n`,
      ]);
    }
  });

  it("say what is wrong with their arguments", async () => {
    for (
      const [name, task] of [
        ["density", "density"],
        ["batch_size", "batch-size"],
        ["codec", "codec"],
        ["codec_study", "codec-study"],
      ]
    ) {
      const { code, err } = await example(name, "--step=1");
      assertEquals(code, 1);
      assertMatch(err, new RegExp(`^Usage: deno task ${task} `));
    }
    const { code, err } = await example("codec", `${folder}/deno.json`);
    assertEquals(code, 1);
    assertMatch(err, /^Cannot read .*deno\.json: it must be a PNG, got /);
  });

  it("have the gradient of the log-determinants", () => {
    const n = 3;
    const x = [0.5, -1, 2, 0.1, 1.5, -0.7];
    const beta = [1, 0.5, 2];
    const gamma = Array.from({ length: 9 }, (_, i) => 0.1 + 0.05 * ((i * 7) % 5));
    const sum = (x: ArrayLike<number>, beta: ArrayLike<number>, gamma: ArrayLike<number>) =>
      logDeterminants(x, beta, gamma).sum;
    // Of the Jacobian by differences of the oracle.
    let expected = 0;
    for (let s = 0; s < 2; s++) {
      const own = x.slice(3 * s, 3 * s + 3);
      const rows = [0, 1, 2].flatMap((i) =>
        gradientOf((moved) => gdn({ data: moved, shape: [1, n] }, beta, gamma).data[i], own)
      );
      expected += inverse(rows, n).logDeterminant;
    }
    assertClose([sum(x, beta, gamma)], [expected], 1e-8);
    const found = logDeterminants(x, beta, gamma);
    assertClose(found.x, gradientOf((moved) => sum(moved, beta, gamma), x), 1e-6, "x");
    assertClose(found.beta, gradientOf((moved) => sum(x, moved, gamma), beta), 1e-8, "beta");
    assertClose(found.gamma, gradientOf((moved) => sum(x, beta, moved), gamma), 1e-8, "gamma");
  });

  it("measure normal numbers as such, and find what is independent", () => {
    const random = openRandom(3);
    const count = 20000;
    const normal = Float64Array.from({ length: 2 * count }, () => random.normal());
    assert(Math.abs(marginalDivergence(normal, 2)) < 0.02);
    assert(Math.abs(pairwiseInformation(normal, 2)) < 0.002);
    // Two independent heavy-tailed numbers, turned by 30 degrees.
    const laplace = () =>
      Math.sign(random.uniform() - 0.5) * -Math.log(1 - random.uniform()) / Math.SQRT2;
    const sources = Float64Array.from({ length: 2 * count }, laplace);
    const c = Math.cos(Math.PI / 6);
    const s = Math.sin(Math.PI / 6);
    const mixed = multiply(sources, [c, s, -s, c], 2, 2);
    const found = multiply(mixed, independentComponents(mixed, 2, random), 2, 2);
    assert(pairwiseInformation(mixed, 2) > 0.01);
    assert(pairwiseInformation(found, 2) < 0.003);
    // One standard Laplace number: log(2 e sqrt(1/2)) against log(2 pi e) / 2.
    assertClose([marginalDivergence(found, 2) / 2], [0.0724], 0.01);
  });

  it("have a linear algebra that is right", () => {
    const random = openRandom(1);
    const n = 5;
    const a = Float64Array.from({ length: n * n }, () => random.normal());
    const unit = Float64Array.from({ length: n * n }, (_, i) => i % (n + 1) === 0 ? 1 : 0);
    assertClose(multiply(a, inverse(a, n).inverse, n, n), unit, 1e-12);
    const square = multiply(transposed(a, n), a, n, n);
    const { values, vectors } = eigen(square, n);
    assertClose(multiply(transposed(vectors, n), vectors, n, n), unit, 1e-12);
    const scaled = vectors.map((value, i) => value * values[i % n]);
    assertClose(multiply(square, vectors, n, n), scaled, 1e-10);
    assertEquals(values, [...values].sort((x, y) => y - x));
    const logDeterminant = values.reduce((sum, value) => sum + Math.log(value), 0);
    assertClose([2 * inverse(a, n).logDeterminant], [logDeterminant], 1e-10);
    assertClose([dot(a, a)], [values.reduce((sum, value) => sum + value, 0)], 1e-10);
  });

  it("draw what they are given, and nothing that a name could break", () => {
    const svg = chart("a < b", [{
      title: "t & u",
      x: "x",
      y: "y",
      lines: [{ name: "<script>", points: [[1, 2], [2, 3]] }],
    }]);
    assert(!svg.includes("<script>") && svg.includes("a &lt; b") && svg.includes("t &amp; u"));
    assert(!/NaN|Infinity|undefined/.test(svg));
  });
});
