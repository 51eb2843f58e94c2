/**
 * Random plans for the wasm compiler: kernels in the subset that the generator of this library emits,
 * over grids and arrays of random extents. Numbers are small integers wherever an operation keeps
 * them so, so that every backend must give the same bits. It is one class, as every rule of the language
 * that it writes draws from the same names, arrays and counters.
 *
 * @module
 */
import type { Extents, Launch, LaunchArgument, Program } from "../../ops/plan/program.ts";
import type { Tile } from "../../ops/runtime/wasm/compiler/tiles.ts";
import { random } from "../support/random.ts";
import { withTree } from "../support/kernel.ts";

/** A plan, what it is given, and the tiles that it is compiled with. */
export interface Case {
  readonly seed: number;
  readonly program: Program;
  readonly inputs: readonly Float32Array[];
  readonly scalars: readonly number[];
  /** Whether all results are integers below 2^24. */
  readonly exact: boolean;
  readonly tile: (width: number, height: number) => Tile;
}

const SIDES = [1, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
/** Cells of a grid, and elements of an array, at most. */
const MOST = 3000;
/** Results are kept below half of this, so that sums of products stay below 2^24. */
const SPAN = 16;
/** Names that blocks share, the end of one being the start of another with a number after it. */
const SHARED = ["s", "s1", "s12", "u"];

/** The case of a seed. */
export function caseOf(seed: number): Case {
  return new Generator(seed).run();
}

/** A symbol that an index can be made of, with the values that it takes. */
interface Counter {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** An array that the kernel being written reads. */
interface Array {
  readonly name: string;
  readonly value: number;
  /** Extents so far; those of a new array grow with the indices. */
  readonly extents: number[];
  readonly fixed: boolean;
}

class Generator {
  readonly #seed: number;
  readonly #next: () => number;
  readonly #exact: boolean;
  readonly #lengths: number[] = [];
  readonly #inputs: Float32Array[] = [];
  readonly #launches: Launch[] = [];
  /** Results so far, with their grids; they are numbered after all inputs in the end. */
  readonly #results: { readonly grid: Extents }[] = [];
  #scalars = 0;
  #names = 0;

  // Of the kernel that is being written.
  #arrays: Array[] = [];
  #constants: Record<string, number> = {};
  #parameters: number[] = [];
  #locals: string[] = [];
  /** Shared names that are constants of the blocks around. */
  #shared: string[][] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#next = random(seed);
    this.#exact = this.#chance(0.75);
  }

  run(): Case {
    const grids: Extents[] = [this.#grid()];
    for (let i = this.#integer(1, 4); i > 0; i--) {
      const grid = this.#chance(0.7) ? grids[0] : this.#grid();
      this.#launch(grid);
      grids.push(grid);
    }
    const inputs = this.#inputs.length;
    const number = (value: number) => value < 0 ? inputs - value - 1 : value;
    const launches = this.#launches.map((launch, i): Launch => ({
      ...launch,
      arguments: launch.arguments.map((argument) =>
        "value" in argument ? { ...argument, value: number(argument.value) } : argument
      ),
      result: inputs + i,
    }));
    const last = launches.length - 1;
    const results = launches.flatMap(({ result }, i) =>
      i === last || this.#chance(0.4) ? [result] : []
    );
    const lengths = [...this.#lengths, ...this.#results.map(({ grid }) => product(grid))];
    const program: Program = {
      key: `${this.#seed}`,
      lengths,
      names: lengths.map((_, i) => `value ${i}`),
      constants: new Map(),
      scalars: this.#scalars,
      launches,
      results: this.#chance(0.1) ? [...results, results[0]] : results,
    };
    const quads = this.#integer(1, 8);
    const rows = this.#integer(1, 6);
    const unroll = this.#integer(1, 5);
    const inner = this.#chance(0.5) ? "lane" : "row";
    const block = { lane: this.#pick([4, 16, 64, 4096]), row: this.#pick([1, 2, 16, 4096]) };
    const rowPanels = this.#chance(0.5);
    return {
      seed: this.#seed,
      program,
      inputs: this.#inputs,
      scalars: Array.from({ length: this.#scalars }, () => this.#value()),
      exact: this.#exact,
      tile: (width, height) => ({
        quads: Math.min(quads, Math.max(1, width >> 2)),
        rows: Math.min(rows, height),
        unroll,
        inner,
        block,
        rowPanels,
      }),
    };
  }

  #grid(): Extents {
    for (;;) {
      const grid: Extents = [this.#pick(SIDES), this.#pick(SIDES), this.#pick(SIDES)];
      if (product(grid) <= MOST) return grid;
    }
  }

  #launch(grid: Extents): void {
    this.#arrays = [];
    this.#constants = {};
    this.#parameters = [];
    this.#locals = [];
    this.#shared = [[]];
    const cell = ["x", "y", "z"].map((axis, i): Counter => ({
      name: `this.thread.${axis}`,
      first: 0,
      last: grid[i] - 1,
    }));
    const lines: string[] = [];
    for (let i = this.#integer(1, 3); i > 0; i--) {
      const local = this.#name("v");
      lines.push(`let ${local} = ${this.#term(cell, grid)};`);
      this.#locals.push(local);
    }
    for (let i = this.#integer(0, 2); i > 0; i--) lines.push(...this.#loop(cell, grid, 2));
    lines.push(...this.#statements(cell, grid));
    lines.push(...this.#smallReturn(this.#sum(cell, grid)));

    const names = [
      ...this.#arrays.map(({ name }) => name),
      ...this.#parameters.map((i) => `p${i}`),
    ];
    const args = [
      ...this.#arrays.map(({ value, extents }): LaunchArgument => ({
        value,
        extents: extents as unknown as Extents,
      })),
      ...this.#parameters.map((scalar): LaunchArgument => ({ scalar })),
    ];
    // Only now are the extents of new arrays known.
    for (const { value, extents, fixed } of this.#arrays) {
      if (fixed) continue;
      this.#lengths[value] = product(extents);
      this.#inputs[value] = Float32Array.from({ length: product(extents) }, () => this.#value());
    }
    const name = `fuzz${this.#seed}k${this.#launches.length}`;
    const kernel = withTree({
      name,
      kernel: name,
      format: "channelsLast",
      lanes: 1,
      holes: {},
      arguments: names.map((name, i) => ({
        name,
        kind: "scalar" in args[i] ? "scalar" : "field",
      })),
      constants: Object.keys(this.#constants),
      source: `function ${name}(${names.join(", ")}) {\n  ${lines.join("\n  ")}\n}`,
    });
    const { length } = this.#results;
    this.#launches.push({
      kernel,
      grid,
      constants: this.#constants,
      arguments: args,
      result: -length - 1,
    });
    this.#results.push({ grid });
  }

  /** Whole numbers keep what tells them apart; a rounding must not become a whole span. */
  #smallReturn(result: string): string[] {
    const half = SPAN / 2;
    return this.#exact
      ? [
        `const all = ${result};`,
        `return all - ${SPAN} * Math.floor(all * ${1 / SPAN}) - ${half};`,
      ]
      : [`return Math.min(Math.max(${result}, ${-half}), ${half});`];
  }

  #loop(counters: readonly Counter[], grid: Extents, depth: number): string[] {
    const name = this.#name("j");
    const first = this.#chance(0.8) ? 0 : 1;
    const trips = this.#integer(1, 9);
    const constant = this.#name("N");
    this.#constants[constant] = first + trips;
    const inside = [...counters, { name, first, last: first + trips - 1 }];
    const body = this.#block(() => [
      ...this.#statements(inside, grid),
      ...(depth > 1 && this.#chance(0.5) ? this.#loop(inside, grid, depth - 1) : []),
      ...(this.#chance(0.3) ? this.#statements(inside, grid) : []),
    ]);
    return [
      `for (let ${name} = ${first}; ${name} < this.constants.${constant}; ${name}++) {`,
      ...body,
      "}",
    ];
  }

  /** Statements between braces: what is declared there ends there. */
  #block(statements: () => string[]): string[] {
    this.#shared.push([]);
    const lines = statements();
    this.#shared.pop();
    return lines.map((line) => `  ${line}`);
  }

  #statements(counters: readonly Counter[], grid: Extents): string[] {
    const lines: string[] = [];
    for (let i = this.#integer(1, 3); i > 0; i--) {
      const local = this.#pick(this.#locals);
      const kind = this.#next();
      if (kind < 0.4) lines.push(`${local} += ${this.#term(counters, grid)};`);
      else if (kind < 0.5) {
        lines.push(`${local} = Math.max(${local}, ${this.#term(counters, grid)});`);
      } else if (kind < 0.6) lines.push(`${local} = ${this.#term(counters, grid)};`);
      else if (kind < 0.75) {
        // A name for something that changes before the name is used.
        const kept = this.#name("t");
        const other = this.#pick(this.#locals);
        lines.push(
          `const ${kept} = ${other} + ${this.#term(counters, grid)};`,
          `${other} = ${this.#term(counters, grid)};`,
          `${local} = Math.min(${kept}, ${local});`,
        );
      } else if (kind < 0.85) {
        // A name that another block has, or has had, for something else.
        const taken = this.#shared.flat();
        const name = this.#pick(SHARED);
        if (!taken.includes(name)) {
          lines.push(`const ${name} = ${local} - ${this.#term(counters, grid)};`);
          this.#shared.at(-1)?.push(name);
        }
        const known = this.#shared.flat();
        if (known.length > 0) {
          const other = this.#pick(this.#locals);
          lines.push(`${other} = Math.max(${other}, ${this.#pick(known)});`);
        }
      } else lines.push(...this.#if(counters, grid));
    }
    return lines;
  }

  /** A branch, which may change what its condition is about. */
  #if(counters: readonly Counter[], grid: Extents): string[] {
    const branch = () =>
      this.#block(() => {
        const lines: string[] = [];
        for (let i = this.#integer(1, 3); i > 0; i--) {
          const local = this.#pick(this.#locals);
          const operator = this.#pick(["=", "+=", "-="]);
          lines.push(`${local} ${operator} ${this.#term(counters, grid)};`);
        }
        if (this.#chance(0.2)) lines.push(...this.#if(counters, grid));
        return lines;
      });
    return [
      `if (${this.#test(counters, grid)}) {`,
      ...branch(),
      ...(this.#chance(0.3) ? ["} else {", ...branch()] : []),
      "}",
    ];
  }

  #test(counters: readonly Counter[], grid: Extents): string {
    const one = () =>
      // A rounding must not decide about a branch.
      this.#chance(0.5) || !this.#exact ? this.#guard(counters) : this.#comparison(counters, grid);
    if (this.#chance(0.6)) return one();
    return `${one()} ${this.#pick(["&&", "||"])} ${one()}`;
  }

  /** A condition on integers. */
  #guard(counters: readonly Counter[]): string {
    const one = (): string => {
      const { text, first, last } = this.#index(counters);
      const limit = this.#integer(first, last + 1);
      return `(${text}) ${this.#pick(["<", "<=", ">", ">="])} ${limit}`;
    };
    return this.#chance(0.3) ? `${one()} && ${one()}` : one();
  }

  #comparison(counters: readonly Counter[], grid: Extents): string {
    const operator = this.#pick(["<", "<=", ">", ">=", "===", "!=="]);
    const other = this.#locals.length > 0 ? this.#pick(this.#locals) : this.#atom(counters, grid);
    return `${this.#term(counters, grid)} ${operator} ${other}`;
  }

  /** Locals added up. */
  #sum(counters: readonly Counter[], grid: Extents): string {
    return [...this.#locals, this.#term(counters, grid)].join(" + ");
  }

  /** A number that is small: products of what is read, not of what is summed. */
  #term(counters: readonly Counter[], grid: Extents): string {
    const kind = this.#next();
    const atom = () => this.#atom(counters, grid);
    if (kind < 0.3) return atom();
    if (kind < 0.5) return `${atom()} * ${atom()}`;
    if (kind < 0.6) return `(${atom()} - ${atom()})`;
    if (kind < 0.65) return `Math.abs(${atom()})`;
    if (kind < 0.7) return `-${atom()}`;
    if (kind < 0.75) return `Math.${this.#pick(["min", "max"])}(${atom()}, ${atom()})`;
    if (this.#exact) {
      if (kind < 0.85) return `((${this.#test(counters, grid)}) ? ${atom()} : ${atom()})`;
      return kind < 0.92 ? `Math.floor(${atom()} * 0.5)` : atom();
    }
    const name = this.#pick(["sqrt", "exp", "log", "pow", "divide"]);
    if (name === "divide") return `${atom()} / (Math.abs(${atom()}) + 1.5)`;
    if (name === "exp") return `Math.exp(Math.min(${atom()}, 1))`;
    if (name === "pow") return `Math.pow(Math.abs(${atom()}) + 0.5, 1.5)`;
    return `Math.${name}(Math.abs(${atom()}) + 0.5)`;
  }

  #atom(counters: readonly Counter[], grid: Extents): string {
    const kind = this.#next();
    if (kind < 0.08) return `${this.#integer(1, 3)}`;
    if (kind < 0.16) {
      if (this.#parameters.length === 0 || this.#chance(0.3)) {
        this.#parameters.push(this.#scalars++);
      }
      return `p${this.#pick(this.#parameters)}`;
    }
    return this.#load(counters, grid);
  }

  #load(counters: readonly Counter[], grid: Extents): string {
    if (this.#arrays.length > 0 && this.#chance(0.4)) {
      return this.#element(this.#pick(this.#arrays), counters, grid);
    }
    if (this.#arrays.length >= 6) return this.#element(this.#arrays[0], counters, grid);
    const name = this.#name("a");
    if (this.#results.length > 0 && this.#chance(0.6)) {
      const which = this.#integer(0, this.#results.length - 1);
      const known = this.#arrays.find(({ value }) => value === -which - 1);
      const array = known ??
        { name, value: -which - 1, extents: [...this.#results[which].grid], fixed: true };
      if (known === undefined) this.#arrays.push(array);
      return this.#element(array, counters, grid);
    }
    const value = this.#lengths.push(0) - 1;
    this.#inputs.push(new Float32Array(0));
    const array = { name, value, extents: [1, 1, 1], fixed: false };
    this.#arrays.push(array);
    return this.#element(array, counters, grid);
  }

  /** An element of an array, inside of its extents for all values of the counters. */
  #element(array: Array, counters: readonly Counter[], grid: Extents): string {
    const { name, extents, fixed } = array;
    const alike = extents.every((extent, i) => extent === grid[i]);
    if (fixed && alike && this.#chance(0.7)) {
      return `${name}[this.thread.z][this.thread.y][this.thread.x]`;
    }
    const indices = extents.map((extent, i): string => {
      for (let attempt = 0; attempt < 8; attempt++) {
        const { text, first, last } = this.#index(counters);
        if (first < 0 || last >= 48) continue;
        if (fixed) {
          if (last < extent) return text;
          continue;
        }
        const grown = extents.map((extent, k) => k === i ? Math.max(extent, last + 1) : extent);
        if (product(grown) > MOST) continue;
        extents[i] = grown[i];
        return text;
      }
      return "0";
    });
    return `${name}[${indices[2]}][${indices[1]}][${indices[0]}]`;
  }

  /** An affine form of the counters. */
  #index(counters: readonly Counter[]): { text: string; first: number; last: number } {
    const chosen = this.#pick(counters);
    const kind = this.#next();
    if (kind < 0.1) {
      const constant = this.#integer(0, 2);
      return { text: `${constant}`, first: constant, last: constant };
    }
    // The compiler leaves it to gpu.js where a coordinate runs backwards; counters it takes.
    if (kind < (chosen.name.startsWith("this.") ? 0.101 : 0.2)) {
      const from = chosen.last + this.#integer(0, 1);
      return {
        text: `${from} - ${chosen.name}`,
        first: from - chosen.last,
        last: from - chosen.first,
      };
    }
    const factor = this.#chance(0.7) ? 1 : this.#integer(2, 3);
    const one = factor === 1 ? chosen.name : `${chosen.name} * ${factor}`;
    const bounds = { first: factor * chosen.first, last: factor * chosen.last };
    if (kind < 0.7) return { text: one, ...bounds };
    const other = this.#pick(counters);
    return {
      text: `${one} + ${other.name}`,
      first: bounds.first + other.first,
      last: bounds.last + other.last,
    };
  }

  #value(): number {
    return this.#exact ? this.#integer(-3, 3) : 4 * this.#next() - 2;
  }

  #name(stem: string): string {
    return `${stem}${this.#names++}`;
  }

  #integer(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  #chance(probability: number): boolean {
    return this.#next() < probability;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)];
  }
}

function product(extents: readonly number[]): number {
  return extents.reduce((all, extent) => all * extent, 1);
}
