import { assertEquals } from "@std/assert";
import { after, describe, it } from "@std/testing/bdd";
import { kernels } from "../../generated/kernels.ts";
import type { Kernel } from "../../ops/plan/kernel.ts";
import type { Extents, LaunchArgument, Program } from "../../ops/plan/program.ts";
import type { Executor } from "../../ops/runtime/executor.ts";
import { createExecutor } from "../../ops/runtime/select.ts";
import { backends, compiled } from "../support/backends.ts";
import { assertClose, largest } from "../support/close.ts";
import { type Arguments, references } from "./reference.ts";
import { random } from "../support/random.ts";
import { inMemory } from "../support/elements.ts";

/** gpu.js' cells per tile: sizes around it, and 1. */
const SIZES = [{ n: 2, c: 3, s: 5 }, { n: 1, c: 1, s: 1 }, { n: 3, c: 4, s: 4 }, {
  n: 1,
  c: 5,
  s: 9,
}];

/** pow on webgpu is off by up to 2.7e-6, erf of gelu by 1.5e-7; the rest rounds a few dozen times. */
const TOLERANCE = 1e-5;

/** Sizes of the reductions: seven positions in three chunks of three, the last one cut short. */
const CONSTANTS = {
  positions: 7,
  chunks: 3,
  length: 3,
  block: 3,
  blocks: 3,
  channels: 4,
  inner: 8,
  start: 0,
  apart: 3,
};

/** Positions of elements that lie far out, for the kernel that must not choose one of them. */
const FAR = [1, 3, 4];

/** Names of arguments that must not be negative or zero. */
const POSITIVE =
  /^(weights|squares|beta|gamma|stored|renormStddev|deviation|stddev|u|second|total|weight|firstWeight|secondWeight)$/;
/** Functions of positive numbers alone. */
const ABOVE_0 = /^(log|sqrt)$/;
/** Kernels that make one number of all positions. */
const OVER_POSITIONS = /^(compensated|merge|first|middle|largest|exponentials|crossEntropy$)/;
/** Kernels with a matrix from channel to channel. */
const CONTRACTION = /^gdn(Sum|Back)?$/;

const SCALARS: Readonly<Record<string, number>> = {
  epsilon: 0.3,
  alpha: 1.7,
  factor: -2.5,
  term: 0.75,
  bound: 0.6,
  pedestal: 0.05,
  rate: 0.01,
  rmin: 0.8,
  rmax: 1.5,
  dmax: 0.7,
  exponent: 1.7,
  less: 0.7,
  least: 0.8,
  most: 1.5,
  perItem: 6,
  count: 11,
  elements: 5,
  momentum: 0.9,
  decay: 0.1,
};

interface Case {
  readonly program: Program;
  readonly inputs: Float32Array[];
  readonly scalars: number[];
  readonly expected: number[];
}

describe("every kernel", () => {
  it("has a reference, and every reference a kernel", () => {
    const names = [...new Set(kernels.map(({ kernel }) => kernel))].sort();
    assertEquals(Object.keys(references).sort(), names);
  });

  // Once more by gpu.js where we have a compiler: each of them is a kernel of its own.
  const twice = backends.filter(({ name }) => compiled.includes(name));
  const all = [...backends, ...twice.map((backend) => ({ ...backend, stock: true }))];
  for (
    const { name: backend, skip, stock = false } of all.map((one) => ({ stock: false, ...one }))
  ) {
    const name = stock ? `${backend} by gpu.js` : backend;
    const test = skip === undefined ? it : it.skip;
    const opened = skip === undefined ? createExecutor(backend, { stock }) : undefined;
    after(async () => await (await opened)?.dispose());
    // Our compilers take the kernels of one element per cell; those of four are for gpu.js.
    const own = compiled.includes(backend) && !stock;
    for (const kernel of own ? kernels.filter(({ lanes }) => lanes === 1) : kernels) {
      test(`${kernel.name} computes its definition on ${name}${skip ? `: ${skip}` : ""}`, async () => {
        for (const size of SIZES) await check(await opened!, kernel, size);
      });
    }
  }
});

async function check(
  executor: Executor,
  kernel: Kernel,
  size: typeof SIZES[number],
): Promise<void> {
  const { program, inputs, scalars, expected } = caseOf(kernel, size);
  const executable = executor.compile(program);
  const actual = inMemory((await executable.run(inputs, scalars))[0]);
  await executable.dispose();
  assertClose(actual, expected, TOLERANCE * Math.max(1, largest(expected)), kernel.name);
}

/** Extents of a kernel's cells: the widened one a multiple of the lanes. */
function cellsOf({ format, lanes, kernel }: Kernel, { n, c, s }: typeof SIZES[number]) {
  if (/^(weightSum|collectedWeight)$/.test(kernel)) return { n: 1, c: 1, s: 1 };
  if (format === "flat") return { n: 1, c: c * s, s: 1 };
  if (kernel.startsWith("chunk")) return { n, c, s: CONSTANTS.chunks };
  if (OVER_POSITIONS.test(kernel)) return { n, c, s: 1 };
  const { channels, chunks } = CONSTANTS;
  if (kernel === "gdnOuter") {
    return { n: format === "channelsLast" ? chunks : n, c: channels, s: channels };
  }
  if (CONTRACTION.test(kernel)) c = channels;
  return format === "channelsFirst"
    ? { n, c, s: s * lanes }
    : { n, c: c * (c % lanes ? lanes : 1), s };
}

/** One launch with random arguments, and what it must answer. */
function caseOf(kernel: Kernel, size: typeof SIZES[number]): Case {
  const next = random(size.c * 100 + size.s);
  const cells = cellsOf(kernel, size);
  const { format } = kernel;
  const inputs: Float32Array[] = [];
  const scalars: number[] = [];
  const args = new Map<string, { data: Float32Array; extents: Extents }>();
  const launch = kernel.arguments.map(({ name, kind }): LaunchArgument => {
    if (kind === "scalar") return { scalar: scalars.push(Math.fround(SCALARS[name])) - 1 };
    const extents = extentsOf(kernel, name, kind, cells);
    const data = Float32Array.from({ length: extents[0] * extents[1] * extents[2] }, () => {
      const value = 4 * next() - 2;
      if (/^(count|step)$/.test(name)) return 2 + Math.ceil(Math.abs(value));
      const positive = POSITIVE.test(name) || (name === "pool" && kernel.holes.POOL === "power") ||
        (name === "x" &&
          (ABOVE_0.test(`${kernel.holes.FUNCTION}`) || kernel.holes.PARITY === "any"));
      return positive ? Math.abs(value) + 0.25 : value;
    });
    if (kernel.kernel === "middleElement") {
      const [x, y] = extents;
      for (let i = 0; i < data.length; i++) {
        const s = format === "channelsFirst" ? i % x : Math.floor(i / x) % y;
        data[i] = FAR.includes(s) ? 1e6 : format === "channelsFirst" ? Math.floor(i / x) : i % x;
      }
    }
    args.set(name, { data, extents });
    return { value: inputs.push(data) - 1, extents };
  });
  const grid: Extents = format === "channelsFirst"
    ? [cells.s, cells.c, cells.n]
    : [cells.c, cells.s, cells.n];
  const length = grid[0] * grid[1] * grid[2];
  const program: Program = {
    key: "",
    lengths: [...inputs.map((input) => input.length), length],
    names: [...kernel.arguments.map(({ name }) => name), "y"],
    constants: new Map(),
    scalars: scalars.length,
    launches: [{ kernel, grid, constants: CONSTANTS, arguments: launch, result: inputs.length }],
    results: [inputs.length],
  };
  const element = (name: string, x: number, y = 0, z = 0) => {
    const { data, extents } = args.get(name)!;
    return data[(z * extents[1] + y) * extents[0] + x];
  };
  const access: Arguments = {
    field: (name, n, c, s) =>
      format === "channelsLast" ? element(name, c, s, n) : element(name, s, c, n),
    matrix: (name, row, column) => element(name, column, row),
    vector: (name, i) => element(name, i),
    scalar: (name) => Math.fround(SCALARS[name]),
    constant: (name) => CONSTANTS[name as keyof typeof CONSTANTS],
  };
  const expected = Array.from({ length }, (_, i) => {
    const x = i % grid[0];
    const y = Math.floor(i / grid[0]) % grid[1];
    const z = Math.floor(i / grid[0] / grid[1]);
    const at = format === "channelsFirst" ? { n: z, c: y, s: x } : { n: z, c: x, s: y };
    return references[kernel.kernel](access, kernel.holes, at, format);
  });
  return { program, inputs, scalars, expected };
}

/** Extents of an array argument, as large as the kernel may index. */
function extentsOf(
  { kernel, format, holes }: Kernel,
  name: string,
  kind: string,
  { n, c, s }: { n: number; c: number; s: number },
): Extents {
  if (kind === "vector") {
    if (name === "weights" || kernel === "chunkShare") return [CONSTANTS.positions, 1, 1];
    if (name === "gamma" && kernel.startsWith("rms")) return [s, 1, 1];
    return /^(count|step|weight|firstWeight|secondWeight)$/.test(name) ? [1, 1, 1] : [c, 1, 1];
  }
  if (kind === "matrix") {
    if (CONTRACTION.test(kernel)) return [CONSTANTS.channels, CONSTANTS.channels, 1];
    if (kernel === "matmul") {
      const { inner } = CONSTANTS;
      if (name === "a") return holes.TRANSPOSE_A ? [s, inner, 1] : [inner, s, 1];
      return holes.TRANSPOSE_B ? [inner, c, 1] : [c, inner, 1];
    }
    if (kernel === "chunkSum") {
      const { positions } = CONSTANTS;
      return format === "channelsLast" ? [c, positions, 1] : [positions, c, 1];
    }
    if (name === "gamma" || (name === "beta" && holes.PER_POSITION)) return [s, c, 1];
    return [c, n, 1];
  }
  if (kernel === "transposed") return [s, c, n];
  if (kernel === "gdnOuter") {
    const { channels, positions } = CONSTANTS;
    return format === "channelsLast" ? [channels, positions, 1] : [positions, channels, n];
  }
  const chunked = /^chunk/.test(kernel) && name !== "x" && name !== "dy";
  const positions = chunked
    ? CONSTANTS.chunks
    : kernel.startsWith("chunk") || OVER_POSITIONS.test(kernel)
    ? CONSTANTS.positions
    : s;
  return format === "channelsFirst" ? [positions, c, n] : [c, positions, n];
}
