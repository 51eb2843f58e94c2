import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Extents } from "../../../ops/plan/program.ts";
import { chooseTile } from "../../../ops/runtime/webgpu/compiler/tile.ts";

/** Threads across and down, and rows of a thread. */
function tileOf(extents: Extents, terms = 64): number[] | undefined {
  const tile = chooseTile(extents, terms);
  return tile && [tile.across, tile.down, tile.rows];
}

describe("a tile", () => {
  it("is 64 by 64 cells of a large matrix", () => {
    assertEquals(tileOf([192, 4096, 1]), [16, 16, 4]);
    assertEquals(tileOf([4096, 192, 1]), [16, 16, 4]);
  });

  it("is chosen so that the last one is about as large as the others", () => {
    // 20 vectors are two tens, and 30 threads' rows two times 15.
    assertEquals(tileOf([80, 120, 16]), [10, 15, 4]);
    assertEquals(tileOf([65, 64, 64]), [9, 16, 4]);
  });

  it("is longer where it is narrow", () => {
    assertEquals(tileOf([8, 65536, 1]), [2, 32, 4]);
    assertEquals(tileOf([65536, 8, 1]), [32, 2, 4]);
    assertEquals(tileOf([24, 65536, 1]), [6, 16, 4]);
    // No more threads than needed where they cannot be exactly so many.
    assertEquals(tileOf([12, 65536, 1]), [3, 21, 4]);
  });

  it("has fewer rows where there would be few workgroups", () => {
    assertEquals(tileOf([64, 64 * 64, 1]), [16, 16, 4]);
    assertEquals(tileOf([64, 64 * 64 - 64, 1]), [16, 16, 2]);
    assertEquals(tileOf([64, 64 * 32 - 32, 1]), [16, 16, 1]);
    assertEquals(tileOf([64, 64, 1]), [16, 16, 1]);
    assertEquals(tileOf([64, 64, 32]), [16, 16, 2]);
  });

  it("is none where too little of what is staged would be used again", () => {
    assertEquals(tileOf([8, 8, 1], 8) === undefined, false);
    assertEquals(tileOf([7, 4096, 1]), undefined);
    assertEquals(tileOf([4096, 7, 1]), undefined);
    assertEquals(tileOf([4096, 4096, 1], 7), undefined);
  });
});
