import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { tensor } from "../../mod.ts";
import { differences } from "./compare.ts";
import type { Case } from "./read.ts";

const ONE: Case = {
  name: "one",
  op: "gdn",
  options: { inverse: true },
  dtype: "float64",
  inputs: { x: tensor([1, 2]) },
  params: {},
  state: {},
  next: {},
  outputs: { y: tensor([3, NaN]) },
  gradients: {},
};
const withY = (...y: number[]): Case => ({ ...ONE, outputs: { y: tensor(y) } });

it("two runs differ by nothing, or by the rounding of their numbers", () => {
  assertEquals(differences([ONE], [ONE]), []);
  assertEquals(differences([ONE], [withY(3 + 2 ** -22, NaN)]), []);
});

it("two runs differ by numbers, NaN, shapes and names", () => {
  const wrong = ["one: outputs.y is not the same"];
  assertEquals(differences([ONE], [withY(3 * (1 + 2 ** -21), NaN)]), wrong);
  assertEquals(differences([ONE], [withY(3, 0)]), wrong);
  assertEquals(differences([ONE], [withY(3)]), wrong);
  assertEquals(differences([ONE], [{ ...ONE, outputs: {} }]), wrong);
  assertEquals(differences([{ ...ONE, outputs: {} }], [ONE]), wrong);
});

it("two runs differ by cases, and by what was called", () => {
  assertEquals(differences([ONE], []), ["one is in one of the runs only"]);
  assertEquals(differences([], [ONE]), ["one is in one of the runs only"]);
  assertEquals(differences([ONE], [{ ...ONE, options: {} }]), [
    'one: ["gdn",{"inverse":true},"float64"] has become ["gdn",{},"float64"]',
  ]);
});
