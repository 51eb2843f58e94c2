import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { endedOf, type Header, packed, refusalOf, unpacked } from "../../ops/mpi/header.ts";
import { type ReplicaGroup, runReplicas } from "../../ops/replicas/mod.ts";

const ENDED: Header = { call: "ended", length: 0, bits: 0 };
const BARRIER: Header = { call: "barrier", length: 0, bits: 0 };
const gather = (length: number): Header => ({ call: "allGather", length, bits: 64 });
const reduce = (length: number, bits: number): Header => ({ call: "allReduce", length, bits });

const MOST = 2 ** 31 - 1;

/** The text with which replicas in one process refuse these calls. */
async function textOf(...calls: ((group: ReplicaGroup) => Promise<unknown>)[]): Promise<string> {
  const texts: string[] = [];
  await runReplicas(calls.length, async (group) => {
    try {
      await calls[group.rank](group);
    } catch (error) {
      texts.push((error as Error).message);
    }
  });
  return texts[0];
}

describe("headers", () => {
  it("come out as they went in, of any length", () => {
    const headers = [ENDED, BARRIER, gather(0), gather(2 ** 40), reduce(3, 32), reduce(MOST, 64)];
    const numbers = Float64Array.from(headers.flatMap((header) => [...packed(header)]));
    assertEquals(unpacked(numbers), headers);
  });

  it("agree where the calls are the same", () => {
    for (const header of [ENDED, BARRIER, gather(1), reduce(7, 32), reduce(7, 64)]) {
      assertEquals(refusalOf([header, header, header]), undefined);
      assertEquals(refusalOf([header]), undefined);
    }
    assertEquals(refusalOf([gather(1), gather(0), gather(5)]), undefined);
  });

  it("refuse other calls in the words of runReplicas", async () => {
    const pairs: [Header, Header, Promise<string>][] = [
      [
        reduce(4, 32),
        reduce(5, 32),
        textOf(
          (group) => group.allReduce(new Float32Array(4)),
          (group) => group.allReduce(new Float32Array(5)),
        ),
      ],
      [
        reduce(4, 64),
        reduce(4, 32),
        textOf(
          (group) => group.allReduce(new Float64Array(4)),
          (group) => group.allReduce(new Float32Array(4)),
        ),
      ],
      [
        gather(4),
        reduce(4, 64),
        textOf(
          (group) => group.allGather(new Float64Array(4)),
          (group) => group.allReduce(new Float64Array(4)),
        ),
      ],
      [gather(4), ENDED, textOf((group) => group.allGather(new Float64Array(4)), async () => {})],
    ];
    for (const [one, other, text] of pairs) {
      assertEquals(refusalOf([one, other])?.message, await text);
    }
  });

  it("name the first replica whose call is another", () => {
    const difference = refusalOf([BARRIER, BARRIER, gather(1), reduce(1, 32)]);
    assert(difference?.message.endsWith("got barrier on replica 0 and allGather on replica 2"));
  });

  it("name the first replica that has ended, before all other differences", () => {
    const headers = [reduce(1, 32), reduce(2, 32), ENDED, ENDED];
    assertEquals(endedOf(headers), 2);
    assert(refusalOf(headers)?.message.endsWith("got replica 2 ended"));
    assertEquals(endedOf([ENDED, BARRIER]), 0);
    assertEquals(endedOf([ENDED, ENDED]), undefined);
    assertEquals(endedOf([BARRIER, BARRIER]), undefined);
  });

  it("refuse more numbers than MPI counts, wherever they are", () => {
    assertEquals(refusalOf([gather(MOST - 1), gather(1)]), undefined);
    assertEquals(refusalOf([reduce(MOST, 32), reduce(MOST, 32)]), undefined);
    const parts = refusalOf([gather(MOST), gather(1)]);
    assert(parts instanceof RangeError);
    assertEquals(
      parts.message,
      `Cannot allGather over the replicas: the parts together must have at most ${MOST} numbers, ` +
        `got ${MOST + 1}`,
    );
    const values = refusalOf([reduce(MOST + 1, 64), reduce(MOST + 1, 64)]);
    assert(values instanceof RangeError);
    assertEquals(
      values.message,
      `Cannot allReduce over the replicas: values must have at most ${MOST} numbers, got ${
        MOST + 1
      }`,
    );
  });
});
