/**
 * The traces of a pipeline: what its function does for inputs of one form.
 *
 * @module
 */
import { type Output, outputOf } from "../call/output.ts";
import { type Pattern, patternOf } from "../call/pattern.ts";
import { Recent } from "../call/recent.ts";
import { Lru } from "../plan/lru.ts";
import { Plan } from "../plan/plan.ts";
import { type Slot, SymbolicTensor } from "../plan/symbolic.ts";
import { mapTensors } from "../plan/tree.ts";
import type { Donor } from "../runtime/donate.ts";
import { readable } from "../tensor/arguments.ts";
import { tensorFrom } from "../tensor/checks.ts";
import { DeviceTensor, type Elements, elementsOf } from "../tensor/elements.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { FromAnywhere, Tensor } from "../tensor/types.ts";
import { donorsIn, type Given } from "./donation.ts";
import { keyOf } from "./input_key.ts";
import type { PipelineOps } from "./ops.ts";
import { checkSynchronous } from "./synchronous.ts";
import { tracingOps } from "./tracing.ts";

/** What running a pipeline is called in messages. */
export const RUN = "run a pipeline";

/** How many traces are kept: one for each set of input shapes and plain values. */
const LIMIT = 64;

/**
 * Entries of all lists of an input at most. They are plain values, each set of which is a trace of its
 * own, so that many of them had better be data.
 */
const MOST_ENTRIES = 2 ** 14;

/** A traced pipeline: what to run, and where it finds the tensors of the call that is being run. */
interface Trace<O> {
  readonly output: Output<O>;
  readonly slots: readonly Slot[];
  readonly pattern?: Pattern | undefined;
}

/** A trace, and what most of the inputs that it is for look like. */
interface Known<O> extends Trace<O> {
  readonly pattern: Pattern;
}

const NONE: readonly Donor[] = [];

/** The traces of one function. */
export class Traces<I, O> {
  readonly #fn: (ops: PipelineOps, input: I) => O;
  readonly #donated: readonly string[];
  readonly #byKey = new Lru<string, Trace<O>>(LIMIT);
  /** In front of the keys, which take longer to make than a tiny plan takes to run. */
  readonly #recent = new Recent<Known<O>>();

  /** @param donated Keys of the input whose tensors are donors. */
  constructor(fn: (ops: PipelineOps, input: I) => O, donated: readonly string[]) {
    this.#fn = fn;
    this.#donated = donated;
  }

  /** Has a trace run with the tensors of an input; `run` reads them before it returns. */
  with<R>(
    input: I | FromAnywhere<I>,
    run: (output: Output<O>, donors: readonly Donor[]) => R,
  ): R {
    const data: Elements[] = [];
    // Donors are tensors at places, and patterns know neither.
    const known = this.#donated.length === 0 ? this.#find(input, data) : undefined;
    let trace: Trace<O> | undefined = known;
    let donors = NONE;
    if (trace === undefined) ({ trace, donors } = this.#read(input as I, data));
    const { slots, output } = trace;
    for (let i = 0; i < slots.length; i++) slots[i].current = data[i];
    try {
      return run(output, donors);
    } finally {
      // The data have been read by now, and are the caller's again.
      for (const slot of slots) slot.current = undefined;
    }
  }

  /** The trace of an input that looks like a recent one. */
  #find(input: unknown, data: Elements[]): Known<O> | undefined {
    try {
      // Getters are read once, below.
      return this.#recent.find(input, data, true);
    } catch {
      // What cannot be read is looked at closely, and refused with its name.
      return undefined;
    }
  }

  /** The trace of any input, of which everything is checked. */
  #read(input: I, data: Elements[]): { trace: Trace<O>; donors: readonly Donor[] } {
    const given: Given[] = [];
    const take = (tensor: Tensor, path: string) => {
      const own = tensor instanceof DeviceTensor ? tensor : tensorFrom(RUN, `input${path}`, tensor);
      given.push({ tensor, path, own });
      return own;
    };
    // Read once: what getters say later does not count.
    const own = readable(RUN, "input", () => mapTensors(input, take, RUN, listCheck()));
    const key = readable(RUN, "input", () => keyOf(RUN, own));
    const trace = this.#byKey.get(key, () => {
      return { ...traced(this.#fn, own), pattern: patternOf(own, [], [], 0) };
    });
    const donors = donorsIn(RUN, own, given, trace.output, this.#donated);
    data.length = 0;
    for (const { own } of given) data.push(elementsOf(own));
    if (trace.pattern !== undefined) this.#recent.add(trace as Known<O>);
    return { trace, donors };
  }
}

/**
 * Counts the entries of the lists of an input.
 *
 * @throws {TypeError} From the function that is returned, if there are too many.
 */
function listCheck(): (length: number, path: string) => void {
  let entries = 0;
  return (length, path) => {
    entries += length;
    if (entries <= MOST_ENTRIES) return;
    // Rows are named by the list that they are in.
    const list = `input${path.replace(/(?:\[\d+\])+$/, "")}`;
    throw new TypeError(
      `Cannot ${RUN}: ${list} must be a tensor or a Float32Array (tensor(data) makes one), as lists may ` +
        `have ${MOST_ENTRIES} entries in all, got ${entries}`,
    );
  };
}

/** Runs the function once with symbolic tensors in place of the input's. */
function traced<I, O>(fn: (ops: PipelineOps, input: I) => O, input: I): Trace<O> {
  const plan = new Plan();
  const slots: Slot[] = [];
  const symbolic = mapTensors(input, (tensor, path) => {
    const { shape } = tensor;
    const length = sizeOf(shape);
    const slot: Slot = { current: undefined };
    slots.push(slot);
    // An empty tensor has no value: no kernel can read it.
    if (length === 0) return { shape, data: new Float32Array(0) };
    return new SymbolicTensor(
      plan.input(`input${path}`, slot, length, () => slot.current!),
      shape,
    );
  });
  const output = fn(tracingOps(plan), symbolic);
  checkSynchronous("trace a pipeline", output);
  return { output: outputOf(plan, output), slots };
}
