import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { groupParts } from "../../ops/norm/group_parts.ts";
import {
  cut,
  largest,
  memberSets,
  mergeParts,
  type Part,
  viewOfCut,
} from "../../ops/norm/parts.ts";
import {
  blocksOf,
  chunksOf,
  inLanes,
  type Reduction,
  reductionsAfter,
  reductionsOf,
} from "../../ops/norm/reductions.ts";

const kept = (size: number): Part => ({ size, pooled: false });
const pooled = (size: number): Part => ({ size, pooled: true });
const group = (size: number): Part => ({ size, pooled: false, channel: "group" });
const member = (size: number): Part => ({ size, pooled: true, channel: "member" });

/** Group norm with 3 groups, in both formats, as the module's comment has it. */
const NCHW = [kept(2), group(3), member(2), pooled(25)];
const NHWC = [kept(2), pooled(25), group(3), member(2)];

const x = (shape: readonly number[]) => ({ shape, data: new Float32Array(0) });
const sizes = (parts: readonly Part[]) => parts.map(({ size }) => size);

describe("parts", () => {
  it("are the groups, their channels and the runs of alike axes", () => {
    const parts = (shape: readonly number[], channelsAxis: number) =>
      mergeParts(groupParts("test", x(shape), channelsAxis, 3, undefined));
    assertEquals(parts([2, 6, 5, 5], 1), NCHW);
    assertEquals(parts([2, 5, 5, 6], 3), NHWC);
  });

  it("are cut out with their neighbours multiplied up", () => {
    assertEquals(cut(NCHW, 3), { before: 12, size: 25, after: 1 });
    assertEquals(cut(NHWC, 1), { before: 2, size: 25, after: 6 });
    assertEquals(viewOfCut(cut(NCHW, 3)), {
      format: "channelsFirst",
      size: { n: 1, c: 12, s: 25 },
    });
    assertEquals(viewOfCut(cut(NHWC, 1)), { format: "channelsLast", size: { n: 2, c: 6, s: 25 } });
  });

  it("are found by their size, the first of equal ones, if any qualifies", () => {
    assertEquals(largest(NCHW, (part) => part.pooled), 3);
    assertEquals(largest([pooled(4), pooled(4)], (part) => part.pooled), 0);
    assertEquals(largest([kept(4)], (part) => part.pooled), undefined);
    assertEquals(largest([pooled(9), pooled(4)], (part, i) => part.pooled && i > 0), 1);
  });

  it("form sets of channels alone only where no position is pooled", () => {
    const groups = [kept(2), kept(25), group(3), member(2)];
    assertEquals(memberSets(groups), { groups: 3, members: 2 });
    assertEquals(memberSets(NHWC), undefined);
    assertEquals(memberSets([kept(2), group(3), member(2), kept(25)]), undefined);
    assertEquals(memberSets([kept(2)]), undefined);
  });
});

describe("reductionsOf", () => {
  const steps = (parts: readonly Part[], outermost = 0) => {
    const { first, others } = reductionsOf(parts, outermost);
    const step = (
      { whole, rest }: Reduction,
    ) => [whole.before, whole.size, whole.after, sizes(rest)];
    return [first, ...others].map(step);
  };

  it("joins pooled neighbours", () => {
    assertEquals(steps(NCHW), [[6, 50, 1, [2, 3]]]);
    assertEquals(steps([pooled(4), pooled(3), kept(5)]), [[1, 12, 5, [5]]]);
  });

  it("takes the largest first, then the others from the innermost out", () => {
    assertEquals(steps(NHWC), [[2, 25, 6, [2, 3, 2]], [6, 2, 1, [2, 3]]]);
    assertEquals(steps([pooled(2), kept(3), pooled(9), kept(4), pooled(5)]), [
      [6, 9, 20, [2, 3, 4, 5]],
      [24, 5, 1, [2, 3, 4]],
      [1, 2, 12, [3, 4]],
    ]);
  });

  it("leaves the outermost for the end, by itself", () => {
    assertEquals(steps([pooled(8), pooled(3), kept(5)], 1), [[8, 3, 5, [8, 5]], [1, 8, 5, [5]]]);
    assertEquals(steps([pooled(8), kept(5)], 1), [[8, 1, 5, [8, 5]], [1, 8, 5, [5]]]);
  });

  it("reduces sets of single elements over an axis of one", () => {
    assertEquals(steps([kept(4), kept(5)]), [[1, 1, 20, [4, 5]]]);
  });

  it("takes positions side by side in lanes, which are reduced next", () => {
    const { first } = reductionsOf([kept(6), pooled(64)]);
    const laned = inLanes(first);
    assertEquals(laned.whole, { before: 6, size: 4, after: 16 });
    assertEquals(reductionsAfter(laned).map(({ whole }) => whole), [
      { before: 6, size: 16, after: 1 },
    ]);
    for (const parts of [[kept(6), pooled(60)], [kept(6), pooled(16)], [pooled(64), kept(2)]]) {
      const { first } = reductionsOf(parts);
      assertEquals(inLanes(first), first);
    }
  });
});

describe("chunks", () => {
  it("cover all positions, in both formats, with blocks that cover a chunk", () => {
    for (const format of ["channelsLast", "channelsFirst"] as const) {
      for (const positions of [1, 2, 63, 64, 255, 257, 4096, 2 ** 24 + 3]) {
        const { chunks, length, block, blocks } = chunksOf(positions, format);
        assertEquals(chunks * length >= positions, true, `${positions} in ${format}`);
        assertEquals(block * blocks >= length, true, `${length} in blocks`);
        // A longest chunk of 2^24 positions is still summed in loops of a thousand at most.
        assertEquals(Math.max(block, blocks) <= 1025, true);
      }
    }
  });

  it("fill whole vectors where they lie side by side", () => {
    assertEquals(chunksOf(64, "channelsFirst").chunks, 16);
    assertEquals(chunksOf(63, "channelsFirst").chunks, 1);
  });

  it("split terms about evenly", () => {
    assertEquals([1, 2, 10, 256].map(blocksOf), [
      { block: 1, blocks: 1 },
      { block: 2, blocks: 1 },
      { block: 4, blocks: 3 },
      { block: 16, blocks: 16 },
    ]);
  });
});
