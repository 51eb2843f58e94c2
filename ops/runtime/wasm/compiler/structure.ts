/**
 * How a plan has been put together, for tools that show plans.
 *
 * @module
 */
import type { Launch } from "../../../plan/program.ts";
import type { Region } from "./nest.ts";
import type { Panel } from "./panels.ts";
import type { RowPanel } from "./row_panels.ts";
import type { Tile } from "./tiles.ts";

/** Launches that are computed together. */
export interface GroupStructure {
  readonly launches: readonly Launch[];
  /** The parts of its grid; none if it is left to gpu.js. */
  readonly regions: readonly RegionStructure[];
}

/** A part of a grid that has a tile of its own. */
export interface RegionStructure {
  readonly region: Region;
  readonly tile: Tile;
  readonly panels: readonly Panel[];
  readonly rowPanels: readonly RowPanel[];
}
