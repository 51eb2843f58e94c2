/**
 * Random contractions for the tiled shaders of webgpu: sums, perhaps nested or two at once, of products
 * of what is changed a little before, under guards, with something before and after them. All numbers
 * are small integers, so that there is one right answer, to the bit.
 *
 * @module
 */
import type { Extents, Launch, LaunchArgument } from "../../ops/plan/program.ts";
import type { Tile } from "../../ops/runtime/webgpu/compiler/tile.ts";
import { withTree } from "../support/kernel.ts";
import { random } from "../support/random.ts";

/** A launch, the tile to compute it with, and what its arguments hold. */
export interface Contraction {
  readonly launch: Launch;
  readonly tile: Tile;
  readonly values: readonly Float32Array<ArrayBuffer>[];
  readonly scalars: readonly number[];
  /** Its result as the text of the kernel gives it if it is called for each cell. */
  readonly expected: Float32Array;
}

const SIDES = [1, 2, 3, 4, 5, 8, 11, 12, 16, 17, 20];
const TRIPS = [1, 2, 3, 4, 5, 8, 9, 12, 16, 17, 20];

/** The contraction of a seed. */
export function contractionOf(seed: number): Contraction {
  return new Generator(seed).run();
}

class Generator {
  readonly #seed: number;
  readonly #next: () => number;
  readonly #grid: Extents;
  readonly #trips: number;
  /** Turns of the outer loop, or 0 if there is none. */
  readonly #outer: number;
  /** The first term that a guard keeps out, or 0 if there is no guard. */
  readonly #end: number;
  readonly #values: Float32Array<ArrayBuffer>[] = [];
  readonly #arguments: LaunchArgument[] = [];
  /** Arrays as the kernel indexes them. */
  readonly #arrays: unknown[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#next = random(seed);
    this.#grid = [this.#pick(SIDES), this.#pick(SIDES), this.#pick([1, 1, 2, 3])];
    this.#trips = this.#pick(TRIPS);
    this.#outer = this.#chance(0.5) ? this.#pick([1, 2, 3, 5]) : 0;
    this.#end = this.#chance(0.5) ? 1 + Math.floor(this.#next() * (this.#terms + 2)) : 0;
  }

  run(): Contraction {
    const name = `contraction${this.#seed}`;
    const lines = this.#lines();
    const params = [...this.#arguments.map((_, i) => `a${i}`), "p"];
    const kernel = withTree({
      name,
      kernel: name,
      format: "channelsLast",
      lanes: 1,
      holes: {},
      arguments: params.map((name) => ({ name, kind: name === "p" ? "scalar" : "field" })),
      constants: ["trips", "outer", "end"],
      source: `function ${name}(${params}) {\n${lines.join("\n")}\n}`,
    });
    const launch: Launch = {
      kernel,
      grid: this.#grid,
      constants: { trips: this.#trips, outer: this.#outer, end: this.#end },
      arguments: [...this.#arguments, { scalar: 0 }],
      result: this.#values.length,
    };
    const tile: Tile = {
      across: 1 + Math.floor(8 * this.#next()),
      down: 1 + Math.floor(8 * this.#next()),
      rows: this.#pick([1, 2, 4]),
      terms: 1 + Math.floor(16 * this.#next()),
    };
    const scalars = [3];
    const expected = evaluated(launch, [...this.#arrays, ...scalars]);
    return { launch, tile, values: this.#values, scalars, expected };
  }

  get #terms(): number {
    return this.#trips * Math.max(1, this.#outer);
  }

  /** The number of a term in the loops. */
  get #term(): string {
    return this.#outer > 0 ? "(i * this.constants.trips + k)" : "k";
  }

  #lines(): string[] {
    const sums = this.#chance(0.3) ? ["s", "t"] : ["s"];
    const lines = sums.map((sum) => `let ${sum} = ${this.#start()};`);
    const loop = [
      "for (let k = 0; k < this.constants.trips; k++) {",
      ...this.#guarded(sums),
      // What stands beside a guard is done in every turn. A shader reads no more than seven values.
      ...(sums.length === 1 && this.#chance(0.4) ? [this.#sum("s", this.#terms)] : []),
      "}",
    ];
    if (this.#outer > 0) {
      lines.push("for (let i = 0; i < this.constants.outer; i++) {", ...loop, "s += 1;", "}");
    } else lines.push(...loop);
    if (this.#chance(0.5)) lines.push("s = Math.max(s, -p);");
    const own = this.#array(this.#grid, ["this.thread.z", "this.thread.y", "this.thread.x"]);
    return [...lines, `return ${sums.join(" + ")} - ${own};`];
  }

  #guarded(sums: readonly string[]): string[] {
    if (this.#end === 0) return sums.map((sum) => this.#sum(sum, this.#terms));
    // Nothing lies beyond what the guard allows.
    const terms = Math.min(this.#end, this.#terms);
    const guard = `${this.#term} < this.constants.end`;
    const further = `${this.#term} + this.thread.z < this.constants.end`;
    return [
      `if (${this.#chance(0.3) ? `${guard} && ${further}` : guard}) {`,
      ...sums.map((sum) => this.#sum(sum, terms)),
      "}",
    ];
  }

  /** What a sum begins with. */
  #start(): string {
    const [width, height] = this.#grid;
    return this.#pick([
      () => "0",
      () => "p",
      () => "this.thread.x",
      () => this.#array([width, 1, 1], ["this.thread.x"]),
      () => this.#array([height, 1, 1], ["this.thread.y"]),
    ])();
  }

  /** The next term of a sum. */
  #sum(sum: string, terms: number): string {
    const factors = [this.#factor("x", 0, terms), this.#factor("y", 1, terms)];
    if (this.#chance(0.5)) factors.reverse();
    return `${sum} += ${factors.join(" * ")};`;
  }

  /** An element for each term and each cell along an axis, perhaps for each plane, and changed. */
  #factor(axis: "x" | "y", at: 0 | 1, terms: number): string {
    const along = { index: `this.thread.${axis}`, extent: this.#grid[at] };
    const apart = this.#pick([0, 0, 0, 1, 4]);
    const turn = { index: `${this.#term} + ${apart}`, extent: terms + apart };
    const [low, high] = this.#chance(0.5) ? [along, turn] : [turn, along];
    const value = this.#chance(0.5)
      ? this.#array([low.extent, high.extent, 1], [high.index, low.index])
      : this.#array(
        [low.extent, high.extent, this.#grid[2]],
        ["this.thread.z", high.index, low.index],
      );
    return this.#pick([
      value,
      value,
      `Math.abs(${value})`,
      `Math.min(${value} * ${value}, 5)`,
      `(${value} + p)`,
      `(${value} > 0 ? ${value} : 2)`,
    ]);
  }

  /** An element of a new array. */
  #array(extents: Extents, indices: readonly string[]): string {
    const length = extents.reduce((product, extent) => product * extent);
    const data = Float32Array.from({ length }, () => Math.floor(9 * this.#next()) - 4);
    const name = `a${this.#arguments.length}`;
    this.#arguments.push({ value: this.#values.push(data) - 1, extents });
    this.#arrays.push(nested(data, extents.slice(0, indices.length - 1)));
    return `${name}${indices.map((index) => `[${index}]`).join("")}`;
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)];
  }
}

function evaluated(
  { kernel, grid: [width, height, depth], constants }: Launch,
  args: readonly unknown[],
): Float32Array {
  const compute = new Function(`return ${kernel.source}`)();
  return Float32Array.from({ length: width * height * depth }, (_, i) => {
    const rest = Math.floor(i / width);
    const thread = { x: i % width, y: rest % height, z: Math.floor(rest / height) };
    return compute.apply({ thread, constants }, args);
  });
}

/** Arrays of arrays, of which the innermost are as long as the first extent. */
function nested(data: Float32Array, extents: readonly number[]): unknown {
  if (extents.length === 0) return data;
  const length = extents.reduce((product, extent) => product * extent);
  return Array.from(
    { length: data.length / length },
    (_, i) => nested(data.subarray(i * length, (i + 1) * length), extents.slice(0, -1)),
  );
}
