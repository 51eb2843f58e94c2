/**
 * What a program runs: every plan, with the numbers that it is given.
 *
 * @module
 */
import type { Program } from "../../ops/plan/program.ts";
import { Engine } from "../../ops/runtime/engine.ts";
import { DeviceData } from "../../ops/tensor/elements.ts";

/** A plan that has been run, with copies of its inputs. */
export interface Run {
  readonly program: Program;
  readonly inputs: readonly Float32Array[];
  readonly scalars: readonly number[];
}

/**
 * Has every run of a plan told to `tell` from now on, one at a time. Calls that are awaited wait for it as
 * well, so that what is left to tell does not pile up.
 */
export function watchRuns(tell: (run: Run) => void | Promise<void>): void {
  const original = Engine.prototype.run;
  let telling: Promise<void> | undefined;
  const queue = (task: () => void | Promise<void>) => {
    const told = telling === undefined ? task() : telling.then(task);
    if (told === undefined) return;
    const done = told.then(() => {
      if (telling === done) telling = undefined;
    });
    telling = done;
  };
  Engine.prototype.run = function (program, inputs, scalars, keep, atOnce) {
    // They are the caller's again when this returns.
    const copies = inputs.map((input) =>
      input instanceof DeviceData ? input.read() : input.slice()
    );
    const numbers = [...scalars];
    const results = original.call(this, program, inputs, scalars, keep, atOnce);
    if (copies.some((copy) => copy instanceof Promise)) {
      queue(async () =>
        await tell({ program, inputs: await Promise.all(copies), scalars: numbers })
      );
    } else {
      const there = copies as Float32Array[];
      queue(() => tell({ program, inputs: there, scalars: numbers }));
    }
    if (!(results instanceof Promise)) return results;
    return results.then(async (elements) => {
      await telling;
      return elements;
    });
  };
}
