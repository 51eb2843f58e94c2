/**
 * The vectors of a tile: four cells each, so many to a row, in so many rows.
 *
 * @module
 */
import type { Axes } from "../../lowering/axes.ts";
import type { Tile } from "./tiles.ts";

/** A vector of a tile. */
export interface At {
  readonly quad: number;
  readonly row: number;
}

/** The first vector of a tile. */
export const ORIGIN: At = { quad: 0, row: 0 };

/** The vectors of a tile, or one for all along an axis that does not matter. */
export function vectorsOf({ quads, rows, inner }: Tile, axes: Axes): At[] {
  const at: At[] = [];
  for (let row = 0; row < (axes.row ? rows : 1); row++) {
    for (let quad = 0; quad < (axes.lane ? quads : 1); quad++) at.push({ quad, row });
  }
  // What rows share is then at hand for all of them before the next of it is loaded.
  return inner === "row" ? at : at.sort((a, b) => a.quad - b.quad || a.row - b.row);
}

/** Which of the vectors along some axes belongs to a vector of the tile. */
export function slotOf({ quads }: Tile, { quad, row }: At, axes: Axes): number {
  return (axes.row ? row * (axes.lane ? quads : 1) : 0) + (axes.lane ? quad : 0);
}
