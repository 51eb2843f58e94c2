import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { field, Plan, rows } from "../../ops/plan/plan.ts";

describe("plan.launch", () => {
  const size = { n: 1, c: 3, s: 2 };
  const inputs = () => {
    const plan = new Plan();
    const input = (name: string, length: number) =>
      plan.input(name, name, length, () => new Float32Array(length));
    return { plan, x: input("x", 6), gamma: input("gamma", 6) };
  };
  const chunking = { positions: 2, chunks: 1, length: 2, block: 2, blocks: 1 };
  const launch = (SCALED: boolean, args: Record<string, ReturnType<typeof field>>, plan: Plan) =>
    plan.launch("chunkSum", "channelsFirst", { ...size, s: 1 }, args, { SCALED }, chunking);

  it("takes of its arguments those that the kernel lists", () => {
    const { plan, x, gamma } = inputs();
    const args = { x: field(x, size), gamma: rows(gamma, 2) };
    const programOf = (SCALED: boolean) => plan.finish([launch(SCALED, args, plan)]).program;
    const counts = [true, false].map((SCALED) => programOf(SCALED).launches[0].arguments.length);
    assertEquals(counts, [2, 1]);
    assertEquals(programOf(false).names[0], "x");
  });

  it("says which of them is missing", () => {
    const { plan, x } = inputs();
    assertThrows(
      () => launch(true, { x: field(x, size) }, plan),
      Error,
      "Cannot record chunkSumChannelsFirstScaled: gamma must be given, got none",
    );
  });

  it("says which kernel there is not", () => {
    const { plan, x } = inputs();
    assertThrows(
      () => plan.launch("chunkSum", "flat", size, { x }),
      Error,
      "Cannot find a kernel: chunkSum flat 1",
    );
  });

  it("refuses extents that a value does not fill", () => {
    const { plan, x } = inputs();
    assertThrows(
      () => launch(false, { x: field(x, { ...size, n: 2 }) }, plan),
      Error,
      "Cannot record a launch: extents 2,3,2 do not fit the value",
    );
  });
});
