import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Launch, Program } from "../../../ops/plan/program.ts";
import { slotsOf as slotsFor } from "../../../ops/runtime/webgpu/slots.ts";
import type { Shader } from "../../../ops/runtime/webgpu/compiler/shader.ts";
import { random } from "../../support/random.ts";

/** A program whose launches read the given values, each after the inputs. */
function programOf(
  lengths: readonly number[],
  reads: readonly (readonly number[])[],
  results: readonly number[],
): Program {
  const inputs = lengths.length - reads.length;
  const launches = reads.map((values, i) => ({
    arguments: values.map((value) => ({ value, extents: [1, 1, 1] })),
    result: inputs + i,
  })) as unknown as Launch[];
  return {
    key: "",
    lengths,
    names: [],
    constants: new Map(),
    scalars: 0,
    launches,
    results,
  };
}

/** The buffers where each launch is a dispatch of its own. */
function slotsOf(program: Program, resident: (input: number) => boolean) {
  const dispatches = program.launches.map(({ result, arguments: args }) => ({
    shader: {
      reads: args.flatMap((argument) => "value" in argument ? [argument.value] : []),
    } as unknown as Shader,
    writes: [result],
  }));
  return slotsFor(program, dispatches, resident);
}

const nowhere = () => false;

describe("the buffers of a plan", () => {
  it("are used again for values of the same length, once nothing reads what is in them", () => {
    const chain = programOf([8, 8, 8, 8, 8], [[0], [1], [2], [3]], [4]);
    // Each result needs another buffer than what it is made of; the input's is free after that.
    assertEquals(slotsOf(chain, nowhere), {
      of: [0, 1, 0, 1, 0],
      lengths: [8, 8],
      first: [0, 1],
    });
    const shrinking = programOf([8, 4, 8, 4], [[0], [1], [2]], [3]);
    assertEquals(slotsOf(shrinking, nowhere), {
      of: [0, 1, 0, 1],
      lengths: [8, 4],
      first: [0, 1],
    });
  });

  it("are none for inputs that are on the device, whose buffers nothing is written to", () => {
    const chain = programOf([8, 8, 8, 8], [[0, 1], [2]], [3]);
    assertEquals(slotsOf(chain, (input) => input === 0), {
      of: [undefined, 0, 1, 0],
      lengths: [8, 8],
      first: [1, 2],
    });
  });

  it("keep results and inputs that are returned", () => {
    const kept = programOf([8, 8, 8], [[0], [1]], [0, 1, 2]);
    assertEquals(slotsOf(kept, nowhere).of, [0, 1, 2]);
  });

  it("are free at once where nothing reads a result", () => {
    const unread = programOf([8, 8, 8], [[0], [0]], [2]);
    assertEquals(slotsOf(unread, nowhere).of, [0, 1, 1]);
  });

  it("never hold two values that are needed at once, in random plans", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const upTo = (n: number) => Math.floor(next() * n);
      const inputs = 1 + upTo(3);
      const launches = 1 + upTo(12);
      const lengths = Array.from({ length: inputs + launches }, () => 1 + upTo(2));
      const reads = Array.from(
        { length: launches },
        (_, i) => Array.from({ length: 1 + upTo(3) }, () => upTo(inputs + i)),
      );
      const results = [lengths.length - 1, upTo(lengths.length)];
      const onDevice = Array.from({ length: inputs }, () => next() < 0.3);
      const found = slotsOf(programOf(lengths, reads, results), (input) => onDevice[input]);
      assertEquals(
        found.of.map((slot) => slot === undefined),
        lengths.map((_, i) => !!onDevice[i]),
      );
      const slots = [...found.lengths];
      // An input that is on the device has a place of its own.
      const of = found.of.map((slot, i) => slot ?? slots.push(lengths[i]) - 1);
      assertEquals(of.map((slot) => slots[slot]), lengths);
      // What each buffer holds, launch by launch.
      const holds: number[] = [];
      for (let value = 0; value < inputs; value++) holds[of[value]] = value;
      reads.forEach((values, i) => {
        const result = inputs + i;
        for (const value of values) {
          assertEquals(holds[of[value]], value, `seed ${seed}: launch ${i} reads ${value}`);
          assert(of[value] !== of[result], `seed ${seed}: launch ${i} reads where it writes`);
        }
        holds[of[result]] = result;
      });
      for (const value of results) assertEquals(holds[of[value]], value, `seed ${seed}: result`);
    }
  });
});
