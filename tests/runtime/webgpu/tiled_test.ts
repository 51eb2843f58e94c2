import { assert, assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { kernels } from "../../../generated/kernels.ts";
import type { Kernel } from "../../../ops/plan/kernel.ts";
import type { Extents } from "../../../ops/plan/program.ts";
import type { Tile } from "../../../ops/runtime/webgpu/compiler/tile.ts";
import { shaderOf, shaderWith } from "../../../ops/runtime/webgpu/compiler/wgsl.ts";
import { skipOf } from "../../support/backends.ts";
import { computed, openDevice } from "../../support/shader.ts";
import { contractions, givenFor, launchOf, type Size } from "./contractions.ts";

/** What WebGPU promises. */
const MEMORY = 16384;
const THREADS = 256;
const GROUPS = 65535;

/** Extents around a vector, the rows of a thread and a tile, some of them odd and some multiples of four. */
const SIDES = [1, 3, 4, 15, 16, 17, 63, 64, 65];
/** Everything is tiled by itself, in vectors of four that memory has or that are put together. */
const LARGE: Size[] = [
  { n: 2, c: 64, s: 64, inner: 64 },
  { n: 3, c: 17, s: 140, inner: 40 },
];
const TINY: Tile = { across: 3, down: 5, rows: 2, terms: 6 };

const skip = skipOf("webgpu");
const test = skip === undefined ? it : it.skip;
const suffix = skip === undefined ? "" : `: ${skip}`;
const device = skip === undefined ? await openDevice() : undefined;
after(() => device?.destroy());

function isTiled(text: string): boolean {
  return text.includes("let tile =");
}

function shaderFor(kernel: Kernel, size: Size) {
  return shaderOf(launchOf(kernel, size));
}

describe("tiles", () => {
  it("are for all kernels that contract, in every format", () => {
    const counts: Record<string, number> = {};
    for (const kernel of contractions) {
      assert(isTiled(shaderFor(kernel, LARGE[0]).text), kernel.name);
      counts[kernel.kernel] = (counts[kernel.kernel] ?? 0) + 1;
    }
    assertEquals(counts, { gdn: 36, gdnBack: 2, gdnOuter: 6, gdnSum: 6, matmul: 4 });
  });

  it("are for no other kernel", () => {
    const others = kernels.filter((kernel) => kernel.lanes === 1 && !contractions.includes(kernel));
    for (const kernel of others) {
      const grid: Extents = [64, 64, 2];
      const shader = shaderOf({
        kernel,
        grid,
        constants: Object.fromEntries(kernel.constants.map((name) => [name, 64])),
        arguments: kernel.arguments.map(({ kind }, i) =>
          kind === "scalar" ? { scalar: i } : { value: i, extents: grid }
        ),
        result: 99,
      });
      assert(!isTiled(shader.text), kernel.name);
    }
  });

  it("need no more threads and memory than any device has", () => {
    for (const kernel of contractions) {
      for (const c of [8, 9, 24, 64, 100, 192]) {
        for (const s of [8, 20, 64, 1000]) {
          const { text } = shaderFor(kernel, { n: 1, c, s, inner: c });
          const threads = Number(text.match(/@workgroup_size\((\d+)\)/)![1]);
          const arrays = text.matchAll(/var<workgroup> \w+: array<(?:vec(\d)f|f32), (\d+)>/g);
          const bytes = [...arrays].reduce(
            (sum, [, size = "1", length]) => sum + 4 * Number(size) * Number(length),
            0,
          );
          assert(threads <= THREADS && bytes <= MEMORY, `${kernel.name} ${c} ${s}: ${text}`);
        }
      }
    }
  });

  it("are left out where a matrix is too small to share its numbers", () => {
    const tiled = ({ n = 1, c = 64, s = 64, inner = 64 }) => {
      const size = { n, c, s, inner };
      return contractions.filter((kernel) => isTiled(shaderFor(kernel, size).text)).length;
    };
    assertEquals(tiled({ c: 7 }), 0);
    // To outer products, which have as many rows as channels, positions are terms.
    assertEquals(tiled({ s: 4 }), 0);
    assertEquals(tiled({ inner: 4 }), contractions.length - 4);
    assertEquals(tiled({ c: 8, s: 8, inner: 8 }), contractions.length);
  });

  it("are spread over rows of workgroups where one row is not enough", () => {
    const gdn = contractions.find(({ name }) => name === "gdnChannelsLastSquareSquare")!;
    const groupsOf = (s: number) => shaderFor(gdn, { n: 1, c: 8, s, inner: 0 }).groups;
    // Two vectors make a row, and 32 threads with four rows each a tile.
    assertEquals(groupsOf(GROUPS * 128), [GROUPS, 1]);
    assertEquals(groupsOf(GROUPS * 128 + 1), [32768, 2]);
  });

  it("are the same text for the same launch of other values", () => {
    for (const kernel of contractions) {
      const launch = launchOf(kernel, LARGE[0]);
      const other = {
        ...launch,
        arguments: launch.arguments.map((argument) =>
          "value" in argument ? { ...argument, value: argument.value + 5 } : argument
        ),
      };
      assertEquals(shaderOf(other).text, shaderOf(launch).text);
    }
  });
});

describe("a tiled shader", () => {
  for (const kernel of contractions) {
    test(`of ${kernel.name} gives the bits of one with a thread for each cell${suffix}`, async () => {
      for (const size of LARGE) await check(kernel, size, { whole: false });
    });
  }

  const names = [
    "gdnChannelsLastSquareSquare",
    "gdnChannelsFirstSquareSquare",
    "gdnOuterChannelsLastSquare",
    "gdnOuterChannelsFirstSquare",
    "matmulChannelsLast",
  ];
  for (const kernel of contractions.filter(({ name }) => names.includes(name))) {
    test(`of ${kernel.name} does so for extents around its tile${suffix}`, async () => {
      for (const [i, c] of SIDES.entries()) {
        for (const [j, apart] of [0, 1, 4].entries()) {
          const [s, inner] = [apart, apart + j].map((step) => SIDES[(i + step) % SIDES.length]);
          // Drivers write sums of two or three terms out, and may then add them in another order.
          const options = i % 2 === 0 ? { whole: true, tile: TINY } : { whole: true };
          await check(kernel, { n: 1 + j % 2, c, s, inner }, options);
        }
      }
    });
  }
});

/** Where numbers are not whole, every sum is rounded, so that another order of its terms would show. */
async function check(
  kernel: Kernel,
  size: Size,
  { whole, tile }: { whole: boolean; tile?: Tile },
): Promise<void> {
  const launch = launchOf(kernel, size);
  const { values, scalars, length } = givenFor(launch, whole);
  const tiled = tile === undefined ? shaderOf(launch) : shaderWith(launch, { tileOf: () => tile });
  const plain = shaderWith(launch, { tileOf: () => undefined, divisionOf: () => undefined });
  assert(!isTiled(plain.text));
  const actual = await computed(device!, tiled, values, scalars, length);
  const expected = await computed(device!, plain, values, scalars, length);
  const wrong = expected.findIndex((value, i) => !Object.is(actual[i], value));
  assert(
    wrong < 0 && !expected.includes(NaN),
    `${kernel.name} ${JSON.stringify(size)}: ${actual[wrong]} at ${wrong}, not ${expected[wrong]}`,
  );
}
