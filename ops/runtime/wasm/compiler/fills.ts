/**
 * The code that fills row panels, once for each block of rows.
 *
 * @module
 */
import type { Ranges } from "../../lowering/affine.ts";
import { Body, type BodyParts } from "./body.ts";
import type { Address } from "./addresses.ts";
import type { Code } from "./code.ts";
import { type Region, smaller, type Span, walk } from "./nest.ts";
import type { RowPanel } from "./row_panels.ts";
import { placeScopes } from "./scopes.ts";
import { LINE } from "./sizes.ts";
import type { Tile } from "./tiles.ts";
import { BYTES, VECTOR } from "./vectors.ts";

/** What fills are emitted from. */
export interface FillParts {
  readonly symbols: ReadonlyMap<string, number>;
  /** Where values lie that are known; the panels are added. */
  readonly addresses: Map<number, Address>;
  readonly lengths: readonly number[];
  readonly parts: Pick<BodyParts, "address" | "scalar" | "functions" | "fused">;
}

/** Fills of a region's row panels. */
export interface Fills {
  /** Bytes of the panels. */
  readonly bytes: number;
  /** Emits what is done where a block of rows begins. */
  readonly emit: (rows: Span) => void;
  /** Emits what is done for each tile, if `isNew` leaves on the stack that its rows are new. */
  readonly emitTile: (isNew: () => void) => void;
  /** Whether a block has other panels in every plane. */
  readonly perPlane: boolean;
}

/** Rows that a panel has at most: those of a block, and those that a last, short one reaches back to. */
export function rowsOf(region: Region, tile: Tile): number {
  const block = Math.ceil(tile.block.row / tile.rows) * tile.rows;
  const most = Math.max(block, reachOf(region, tile));
  return Math.min(heightOf(region), Math.ceil(most / LINE) * LINE);
}

/** Makes the code that fills row panels, which begin at the address in `memory`. */
export function fillsOf(
  code: Code,
  memory: number,
  region: Region,
  tile: Tile,
  panels: readonly RowPanel[],
  { symbols, addresses, lengths, parts }: FillParts,
): Fills {
  const bases = panels.map(() => code.local("i32"));
  const offsets: number[] = [];
  let bytes = 0;
  panels.forEach(({ value, length }, i) => {
    addresses.set(value, { local: bases[i], offset: 0 });
    offsets.push(bytes);
    bytes += length * BYTES;
  });
  const given = { symbols, lengths, parts };
  const first = code.local("i32");
  const transposed = panels.filter(({ along }) => along === "rows");
  const computed = panels.filter(({ along }) => along === "turns")
    .map((panel) => rowFill(code, panel, region, tile, given));
  return {
    bytes,
    perPlane: panels.some(({ perPlane }) => perPlane),
    emit: (rows) => {
      // A block that is shorter than what is filled or computed at a time reaches back.
      code.get(rows.from).integer(region.lastRow + 1 - reachOf(region, tile));
      smaller(code, first, code.local("i32"));
      panels.forEach(({ stride }, i) => {
        code.get(memory).integer(offsets[i]).do("i32.add");
        code.get(first).integer(BYTES * stride).do("i32.mul", "i32.sub").set(bases[i]);
      });
      const span = { ...rows, from: first, cursor: code.local("i32") };
      transposed.forEach((panel) => emitTransposed(code, panel, region, span, given));
    },
    emitTile: (isNew) => {
      if (computed.length === 0) return;
      isNew();
      code.if();
      computed.forEach((emitFill) => emitFill());
      code.do("end");
    },
  };
}

type Given = Pick<FillParts, "symbols" | "lengths" | "parts">;

/** Fills a panel for a block of rows: the lanes are rows, and each of their turns is stored apart. */
function emitTransposed(
  code: Code,
  { fill }: RowPanel,
  region: Region,
  rows: Span,
  { symbols: outside, lengths, parts }: Given,
): void {
  const width = heightOf(region);
  const tile = tileOf(width, 1);
  const lane = code.local("i32");
  const symbols = new Map(outside).set("lane", lane);
  const lanes = { first: region.firstRow, last: region.lastRow };
  const ranges: Ranges = new Map([["lane", lanes], ["plane", {
    first: 0,
    last: region.depth - 1,
  }]]);
  const scopes = placeScopes([], [fill], tile.inner, ranges, lengths);
  const body = new Body(code, {
    ...parts,
    before: [],
    once: [],
    steps: [fill],
    scopes,
    tile,
    width,
    symbols,
  });
  const step = VECTOR * tile.quads;
  body.emitOuter();
  walk(
    code,
    rows,
    { step, last: region.lastRow + 1 - step, several: true, symbol: lane },
    () => body.emitTile(),
  );
}

/** Fills the rows of a tile: the lanes are turns. */
function rowFill(
  code: Code,
  { turns, fill }: RowPanel,
  region: Region,
  { rows }: Tile,
  { symbols: outside, lengths, parts }: Given,
): () => void {
  const tile = tileOf(turns, rows);
  const lane = code.local("i32");
  const symbols = new Map(outside).set("lane", lane);
  const ranges: Ranges = new Map([
    ["lane", { first: 0, last: turns - 1 }],
    ["row", { first: region.firstRow, last: region.lastRow }],
    ["plane", { first: 0, last: region.depth - 1 }],
  ]);
  const scopes = placeScopes([], [fill], tile.inner, ranges, lengths);
  const body = new Body(code, {
    ...parts,
    before: [],
    once: [],
    steps: [fill],
    scopes,
    tile,
    width: turns,
    symbols,
  });
  const step = VECTOR * tile.quads;
  const span = { from: code.local("i32"), to: code.local("i32"), cursor: code.local("i32") };
  return () => {
    code.integer(0).set(span.from).integer(turns).set(span.to);
    body.emitOuter();
    walk(
      code,
      span,
      { step, last: turns - step, several: turns > step, symbol: lane },
      () => body.emitTile(),
    );
  };
}

function tileOf(width: number, rows: number): Tile {
  const quads = Math.floor(Math.min(LINE, width) / VECTOR);
  return { quads, rows, unroll: 1, inner: "lane", block: { lane: 1, row: 1 } };
}

function heightOf({ firstRow, lastRow }: Region): number {
  return lastRow - firstRow + 1;
}

/** Rows that a last block needs at least. */
function reachOf(region: Region, tile: Tile): number {
  return Math.min(heightOf(region), Math.max(LINE, tile.rows));
}
