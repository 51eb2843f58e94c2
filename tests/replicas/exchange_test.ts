import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ReplicaGroup, runReplicas } from "../../mod.ts";
import { exchange } from "../../ops/replicas/exchange.ts";
import { groupFrom } from "../../ops/replicas/group.ts";

const ACTION = "do something";
const nothing = () => ({});
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a round of replicas", () => {
  it("counts from the call on, however long each replica computes", async () => {
    await runReplicas(2, async (group) => {
      const compute = async (which: number, ms: number) => {
        await later(ms);
        return Float64Array.of(which, group.rank);
      };
      // Replica 0 is late with the first, replica 1 with the second.
      const first = exchange(group, ACTION, nothing, () => compute(1, group.rank === 0 ? 40 : 0));
      const second = exchange(group, ACTION, nothing, () => compute(2, group.rank === 0 ? 0 : 40));
      assertEquals((await first).map((part) => [...part]), [[1, 0], [1, 1]]);
      assertEquals((await second).map((part) => [...part]), [[2, 0], [2, 1]]);
    });
  });

  it("goes on after one that has failed", async () => {
    const said = await runReplicas(2, async (group) => {
      const failing = exchange(group, ACTION, nothing, async () => {
        await later(0);
        if (group.rank === 1) throw new RangeError("no numbers");
        return new Float64Array(1);
      });
      const next = exchange(group, ACTION, nothing, () => Promise.resolve(Float64Array.of(7)));
      const text = await failing.then(() => "nothing", (error) => error.message);
      return [text, (await next).map(([value]) => value)];
    });
    assertEquals(said, [
      ["Cannot do something: every replica must come through, got on replica 1: no numbers", [
        7,
        7,
      ]],
      ["no numbers", [7, 7]],
    ]);
  });

  it("says what a replica has thrown that is no error", async () => {
    const said = await runReplicas(
      2,
      (group) =>
        exchange(
          group,
          ACTION,
          nothing,
          () => group.rank === 0 ? Promise.reject("a text") : Promise.resolve(new Float64Array(0)),
        )
          .catch((error) => error instanceof Error ? error.message : error),
    );
    assertEquals(said, [
      "a text",
      "Cannot do something: every replica must come through, got on replica 0: a text",
    ]);
  });

  it("names what differs, and nothing else", async () => {
    const said = await runReplicas(3, (group) => {
      const common = () => ({ a: 1, b: group.rank === 2 ? "two" : "one", c: true });
      return exchange(group, ACTION, common, () => Promise.resolve(new Float64Array(2)))
        .then(() => "nothing", (error) => error.message);
    });
    const text =
      "Cannot do something: all replicas must make the same call, got b one on replica 0 and b two on " +
      "replica 2";
    assertEquals(said, [text, text, text]);
  });
});

describe("a round that another call comes to", () => {
  /** What replica 0 of two is told in a round to which replica 1 brings parts of its own. */
  async function toldTo(...parts: readonly (readonly number[])[]): Promise<string> {
    let told = "nothing";
    await runReplicas(2, async (group) => {
      if (group.rank === 0) {
        const values = Promise.resolve(new Float64Array(2));
        await exchange(group, ACTION, () => ({ a: 1 }), () => values).catch((error) => {
          told = `${error.name}: ${error.message}`;
        });
      } else {
        for (const part of parts) await group.allGather(Float64Array.from(part));
      }
    });
    return told;
  }

  it("is refused by its first number", async () => {
    const text =
      "Error: Cannot do something: every replica must come through, got on replica 1: another call";
    for (const part of [[], [5, 1.5], [NaN, 7], [-1], [0.5]]) {
      assertEquals(await toldTo(part), text);
    }
  });

  it("is refused in the second round, where it begins like a call", async () => {
    const text =
      "TypeError: Cannot do something: all replicas must make the same call, got another on replica 1";
    for (const part of [[], [65, 66], [1.5], [NaN], [-1], [2 ** 40]]) {
      assertEquals(await toldTo([0, 7], part), text);
    }
  });

  it("is no text where it begins like an error", async () => {
    const long = new Array(1e6).fill(65);
    for (const codes of [[NaN], [-1], [1.5], [0x110000], long]) {
      const told = await toldTo([1, ...codes]);
      assert(
        told.startsWith("Error: Cannot do something: every replica must come through, "),
        told,
      );
    }
  });
});

describe("a group that is given twice", () => {
  const given: ReplicaGroup = {
    rank: 0,
    size: 1,
    allGather: (part) => Promise.resolve([part]),
    allReduce: (values) => Promise.resolve(values),
  };

  it("is one group, whose rounds follow each other", () => {
    const first = groupFrom(ACTION, "group", given);
    assert(groupFrom(ACTION, "group", given) === first);
    assert(groupFrom(ACTION, "group", { ...given }) !== first);
  });

  it("is called as what it is", async () => {
    class Engine implements ReplicaGroup {
      readonly rank = 0;
      readonly size = 1;
      readonly #factor = 2;
      allGather(part: Float64Array): Promise<readonly Float64Array[]> {
        return Promise.resolve([part.map((value) => value * this.#factor)]);
      }
      allReduce<T extends Float32Array | Float64Array>(values: T): Promise<T> {
        return Promise.resolve(values.map((value) => value * this.#factor) as T);
      }
    }
    const group = groupFrom(ACTION, "group", new Engine());
    assertEquals(await group.allGather(Float64Array.of(3)), [Float64Array.of(6)]);
    assertEquals(await group.allReduce(Float32Array.of(4)), Float32Array.of(8));
  });
});
