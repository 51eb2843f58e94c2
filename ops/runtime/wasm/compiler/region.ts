/**
 * The code of a region: what is laid out before its tiles, and the tiles.
 *
 * @module
 */
import type { Step, Trees } from "../../lowering/tree.ts";
import type { Address } from "./addresses.ts";
import { Body } from "./body.ts";
import type { Code } from "./code.ts";
import { type FillParts, fillsOf, panelRows } from "./fills.ts";
import { emitNest, rangesOf, type Region, type TaskRange, tasksOf } from "./nest.ts";
import { type Panel, panelsOf } from "./panels.ts";
import { rowPanelsOf } from "./row_panels.ts";
import { placeScopes } from "./scopes.ts";
import { BYTES } from "./sizes.ts";
import type { RegionStructure } from "./structure.ts";
import { lanesOf, type Tile } from "./tiles.ts";

/** What the code of a region is made from. */
export interface RegionParts extends FillParts {
  readonly region: Region;
  readonly steps: readonly Step[];
  readonly trees: Trees;
  readonly tile: Tile;
}

/** What has been emitted for a region. */
interface EmittedRegion {
  readonly tasks: number;
  /** Bytes that a thread needs for panels. */
  readonly panels: number;
  readonly structure: RegionStructure;
}

/**
 * Emits a region, whose first task has the number `offset`.
 *
 * @param memory The variable with the address of those bytes.
 */
export function emitRegion(
  code: Code,
  range: TaskRange,
  memory: number,
  offset: number,
  { region, steps, trees, tile, ...given }: RegionParts,
): EmittedRegion {
  const { symbols, addresses, lengths, parts } = given;
  const { width } = region;
  const lane = symbols.get("lane")!;
  const laid = rowPanelsOf(steps, tile, width, panelRows(region, tile), trees, lengths.length);
  const fills = fillsOf(code, memory, region, tile, laid.panels, given);
  const firstPanel = lengths.length + laid.panels.length;
  const paneled = panelsOf(laid.steps, tile, region, trees, firstPanel);
  const { before, once, steps: inTile } = paneled;
  const ranges = rangesOf(region);
  const scopes = placeScopes([...before, ...once], inTile, tile.inner, ranges, lengths);
  const panels = placePanels(code, memory, fills.bytes, paneled.panels, tile, addresses);
  const body = new Body(code, {
    ...parts,
    before,
    once,
    steps: inTile,
    scopes,
    tile,
    width,
    symbols,
  });
  emitNest(code, range, offset, region, tile, symbols, {
    ...(laid.panels.length > 0 && { block: fills }),
    outer: ({ inner, firstLane, hasNewLanes, hasNewRows }) => {
      panels.emit(lane, firstLane);
      body.emitOuter(hasNewLanes);
      inner(() => {
        fills.emitTile(hasNewRows);
        body.emitTile();
      });
    },
  });
  const structure = { region, tile, panels: paneled.panels, rowPanels: laid.panels };
  return { tasks: tasksOf(region, tile), panels: panels.end, structure };
}

/**
 * Gives panels their places. They hold the lanes of a tile only but are indexed by the lane like
 * arrays, so that each tile of lanes sees its panels as many lanes further down.
 */
function placePanels(
  code: Code,
  memory: number,
  start: number,
  panels: readonly Panel[],
  tile: Tile,
  addresses: Map<number, Address>,
): { readonly end: number; readonly emit: (lane: number, firstLane: number) => void } {
  const locals = panels.map(() => code.local("i32"));
  const offsets: number[] = [];
  let end = start;
  for (const { length, count } of panels) {
    offsets.push(end);
    end += length * count * BYTES;
  }
  panels.forEach(({ value }, i) => addresses.set(value, { local: locals[i], offset: 0 }));
  const emit = (lane: number, firstLane: number) =>
    panels.forEach(({ length, count }, i) => {
      code.get(memory).integer(offsets[i]).do("i32.add");
      if (count > 1) {
        const perLane = length / lanesOf(tile);
        code.get(firstLane).integer(BYTES * perLane).do("i32.mul", "i32.add");
      }
      code.get(lane).integer(BYTES).do("i32.mul", "i32.sub").set(locals[i]);
    });
  return { end, emit };
}
