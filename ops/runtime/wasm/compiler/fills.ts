/**
 * The code that fills row panels, once for each block of rows.
 *
 * @module
 */
import type { Step } from "../../lowering/tree.ts";
import type { Address } from "./addresses.ts";
import { Body, type BodyParts } from "./body.ts";
import type { Code } from "./code.ts";
import { heightOf, rangesOf, type Region, smaller, type Span, walk } from "./nest.ts";
import type { RowPanel } from "./row_panels.ts";
import { placeScopes } from "./scopes.ts";
import { BYTES, LINE, VECTOR } from "./sizes.ts";
import { lanesOf, type Tile } from "./tiles.ts";

/** What code that fills panels is emitted from. */
export interface FillParts {
  readonly symbols: ReadonlyMap<string, number>;
  /** Where values lie that are known; the panels are added. */
  readonly addresses: Map<number, Address>;
  /** Elements of each value of the program. */
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
export function panelRows(region: Region, tile: Tile): number {
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
  { addresses, ...given }: FillParts,
): Fills {
  const bases = panels.map(() => code.local("i32"));
  const offsets: number[] = [];
  let bytes = 0;
  panels.forEach(({ value, length }, i) => {
    addresses.set(value, { local: bases[i], offset: 0 });
    offsets.push(bytes);
    bytes += length * BYTES;
  });
  const first = code.local("i32");
  const transposed = panels.filter(({ along }) => along === "rows");
  const computed = panels.filter(({ along }) => along === "turns");
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
      const lanes = { first: region.firstRow, last: region.lastRow };
      transposed.forEach(({ fill }) => emitFill(code, fill, region, lanes, 1, span, given));
    },
    emitTile: (isNew) => {
      if (computed.length === 0) return;
      isNew();
      code.if();
      for (const { fill, turns } of computed) {
        const span = { from: code.local("i32"), to: code.local("i32"), cursor: code.local("i32") };
        code.integer(0).set(span.from).integer(turns).set(span.to);
        const lanes = { first: 0, last: turns - 1 };
        emitFill(code, fill, region, lanes, tile.rows, span, given);
      }
      code.do("end");
    },
  };
}

/**
 * Emits what fills a panel.
 *
 * @param lanes The cells that the lanes can be: turns, or rows, each of whose turns is stored apart.
 * @param rows Rows that are filled at a time.
 * @param span The lanes that are filled.
 */
function emitFill(
  code: Code,
  fill: Step,
  region: Region,
  lanes: { readonly first: number; readonly last: number },
  rows: number,
  span: Span,
  { symbols: outside, lengths, parts }: Omit<FillParts, "addresses">,
): void {
  const width = lanes.last - lanes.first + 1;
  const quads = Math.floor(Math.min(LINE, width) / VECTOR);
  const tile: Tile = { quads, rows, unroll: 1, inner: "lane", block: { lane: 1, row: 1 } };
  const lane = code.local("i32");
  const symbols = new Map(outside).set("lane", lane);
  const ranges = new Map(rangesOf(region)).set("lane", lanes);
  const scopes = placeScopes([], [fill], tile.inner, ranges, lengths);
  const given = { before: [], once: [], steps: [fill], scopes, tile, width, symbols };
  const body = new Body(code, { ...parts, ...given });
  const step = lanesOf(tile);
  const stride = { step, last: lanes.last + 1 - step, several: width > step, symbol: lane };
  body.emitOuter();
  walk(code, span, stride, () => body.emitTile());
}

/** Rows that a last block needs at least. */
function reachOf(region: Region, tile: Tile): number {
  return Math.min(heightOf(region), Math.max(LINE, tile.rows));
}
