import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asCommon, isCommon } from "../../ops/replicas/common_error.ts";

describe("an error of several replicas", () => {
  it("is one that was marked, or whatever such a one has caused", () => {
    const marked = asCommon(new Error("all"));
    const caused = new Error("first", { cause: marked });
    const inTurn = new TypeError("second", { cause: caused });
    assertEquals([marked, caused, inTurn].map(isCommon), [true, true, true]);
  });

  it("is no other, whatever has caused it", () => {
    const own = new Error("own");
    own.cause = own;
    const others = [own, new Error("own", { cause: "all" }), "all", undefined];
    assertEquals(others.map(isCommon), [false, false, false, false]);
  });
});
