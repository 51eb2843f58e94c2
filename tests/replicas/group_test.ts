import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { allMergeMoments, allReduceTree, type ReplicaGroup, tensor } from "../../mod.ts";

/** A group of two whose engine says what it likes. */
const engine = (parts: unknown, sums: unknown) =>
  ({
    rank: 0,
    size: 2,
    allGather: () => Promise.resolve(parts),
    allReduce: () => Promise.resolve(sums),
  }) as ReplicaGroup;

describe("a group whose engine is wrong", () => {
  const summary = { count: tensor(1), mean: tensor([1]), m2: tensor([0]) };

  it("is refused for what it gathers", async () => {
    const one = new Float64Array(5);
    for (const parts of [undefined, [one], [one, new Float32Array(5)], [one, one, one]]) {
      const text = await allMergeMoments(engine(parts, one), summary).catch((error) =>
        error.message
      );
      const shown = parts === undefined ? "undefined" : "an object of class Array";
      assertEquals(
        text,
        "Cannot merge moments of replicas: allGather must return 2 arrays of float64, got " + shown,
      );
    }
  });

  it("is refused for what it sums", async () => {
    const wrong = [undefined, new Float64Array(17), new Float32Array(16)];
    for (const sums of wrong) {
      const tree = { a: tensor([1]) };
      const text = await allReduceTree(engine([], sums), tree).catch((error) => error.message);
      assertEquals(
        text,
        "Cannot sum a tree over replicas: allReduce must return 17 numbers of the kind that it is " +
          `given, got ${sums === undefined ? sums : `an object of class ${sums.constructor.name}`}`,
      );
    }
  });

  it("passes its own errors on", async () => {
    const broken = {
      ...engine([], []),
      allGather: () => Promise.reject(new Error("the cable is out")),
    };
    const text = await allMergeMoments(broken, summary).catch((error) => error.message);
    assertEquals(text, "the cable is out");
  });
});
