import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { ENTRIES } from "./entries.ts";
import { EXPORTS, RETURNED, TRACED } from "./rows.ts";
import { type Row, runtime } from "./rows/row.ts";
import { eagerly } from "./rows/traced.ts";
import { HOSTILE, isRefusal, SAME, SPOILT } from "./hostile.ts";

/** What a getter may return when it is asked again. */
const FICKLE = ["undefined", "a symbol", "a list whose proxy throws", "a proxy of numbers"];

const ROWS: Readonly<Record<string, Row>> = {
  ...EXPORTS,
  ...RETURNED,
  ...Object.fromEntries(
    Object.entries(TRACED).flatMap(([name, row]) => [
      [`ops.${name}`, row],
      [`eager ops.${name}`, eagerly(name, row)],
    ]),
  ),
};

after(() => runtime.dispose());

/** What came of a call. */
type Outcome = { readonly result: unknown } | { readonly error: unknown };

async function outcomeOf(row: Row, args: unknown[]): Promise<Outcome> {
  try {
    return { result: await row.call(...args) };
  } catch (error) {
    return { error };
  }
}

/** Collects what is wrong with a row, so that one run shows all of it. */
class Complaints {
  readonly #lines: string[] = [];

  async refused(what: string, row: Row, args: unknown[]): Promise<void> {
    const outcome = await outcomeOf(row, args);
    if ("result" in outcome) this.#lines.push(`${what} is not refused`);
    else if (!isRefusal(outcome.error)) this.#lines.push(`${what} gives ${outcome.error}`);
  }

  async taken(what: string, row: Row, args: unknown[]): Promise<Outcome> {
    const outcome = await outcomeOf(row, args);
    if ("error" in outcome) this.#lines.push(`${what} is refused: ${outcome.error}`);
    return outcome;
  }

  /** Whether it works or is refused does not matter: an error of the engine's does. */
  async safe(what: string, row: Row, args: unknown[]): Promise<void> {
    const outcome = await outcomeOf(row, args);
    if ("error" in outcome && !isRefusal(outcome.error)) {
      this.#lines.push(`${what} gives ${outcome.error}`);
    }
  }

  end(): void {
    assertEquals(this.#lines, []);
  }
}

/** Arguments with another one in the place `at`. */
function replaced(args: unknown[], at: number, value: unknown): unknown[] {
  return args.map((arg, i) => i === at ? value : arg);
}

/** A record in which one field is another, or has a getter. */
function fieldReplaced(record: object, key: string, field: PropertyDescriptor): object {
  return Object.defineProperty({ ...record }, key, { enumerable: true, ...field });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

describe("exports", () => {
  // A call of openMpi needs MPI; its argument is checked in tests/mpi/open_test.ts.
  const { "./mpi": _mpi, ...entries } = ENTRIES;
  for (const [entry, module] of Object.entries(entries)) {
    it(`of ${entry} have a row each`, () => {
      const functions = Object.entries(module).filter(([, value]) => typeof value === "function");
      assertEquals(functions.map(([name]) => name).filter((name) => !(name in EXPORTS)), []);
    });
  }

  it("are all in the main entry, but those for training, for ONNX and of MPI", () => {
    const { ".": all, "./onnx": onnx, "./training": training, ...others } = entries;
    const apart = { ...onnx, ...training };
    for (const module of Object.values(others)) {
      for (const [name, value] of Object.entries(module)) {
        assert((all as Record<string, unknown>)[name] === value, name);
      }
    }
    assertEquals(Object.keys(apart).filter((name) => name in all), []);
    assertEquals(Object.keys(EXPORTS).filter((name) => !(name in all || name in apart)), []);
  });
});

describe("every function", () => {
  let rejections: unknown[] = [];
  const listener = (event: Event) => {
    event.preventDefault();
    rejections.push((event as PromiseRejectionEvent).reason);
  };
  before(() => globalThis.addEventListener?.("unhandledrejection", listener));
  after(() => globalThis.removeEventListener?.("unhandledrejection", listener));

  for (const [name, row] of Object.entries(ROWS)) {
    it(`works as its row says: ${name}`, async () => {
      const complaints = new Complaints();
      for (const [i, args] of row.calls.entries()) {
        await complaints.taken(`call ${i}`, row, args());
      }
      complaints.end();
    });

    it(`refuses what it cannot take: ${name}`, async () => {
      const complaints = new Complaints();
      const [args] = row.calls;
      for (const [at, takes] of row.takes.entries()) {
        for (const [kind, make] of Object.entries(HOSTILE)) {
          const what = `${kind} for argument ${at}`;
          const hostile = replaced(args(), at, make());
          if (takes.includes(kind)) await complaints.taken(what, row, hostile);
          else await complaints.refused(what, row, hostile);
        }
      }
      complaints.end();
    });

    it(`refuses records that are none, and takes those that are: ${name}`, async () => {
      const complaints = new Complaints();
      for (const [call, args] of row.calls.entries()) {
        const { length } = args();
        const expected = await outcomeOf(row, args());
        for (let at = 0; at < length; at++) {
          const arg = args()[at];
          if (!isRecord(arg)) continue;
          const where = `for argument ${at} of call ${call}`;
          for (const [form, spoil] of Object.entries(SPOILT)) {
            if (row.kinds[at] === "other") continue;
            if (row.kinds[at] === "tree" && form === "as an array") continue;
            const spoilt = replaced(args(), at, spoil(args()[at] as object));
            await complaints.refused(`a record ${form} ${where}`, row, spoilt);
          }
          for (const [form, same] of Object.entries(SAME)) {
            const what = `one ${form} ${where}`;
            const given = replaced(args(), at, same(args()[at] as object));
            const outcome = await complaints.taken(what, row, given);
            // Functions that were made are told apart by identity.
            if ("result" in outcome && typeof outcome.result !== "function") {
              assertEquals(outcome, expected, what);
            }
          }
        }
      }
      complaints.end();
    });

    it(`shows no error of the engine's for any field: ${name}`, async () => {
      const complaints = new Complaints();
      const seen = new Set<string>();
      for (const [call, args] of row.calls.entries()) {
        for (const [at, arg] of args().entries()) {
          if (!isRecord(arg)) continue;
          for (const key of Object.keys(arg)) {
            if (seen.has(`${at} ${key}`)) continue;
            seen.add(`${at} ${key}`);
            const where = `for ${key} of argument ${at} of call ${call}`;
            const withField = (field: PropertyDescriptor) =>
              replaced(args(), at, fieldReplaced(args()[at] as object, key, field));
            for (const [kind, make] of Object.entries(HOSTILE)) {
              await complaints.safe(`${kind} ${where}`, row, withField({ value: make() }));
            }
            // What a pipeline captures is read at every run, so it may change.
            for (const kind of row.traced ? [] : FICKLE) {
              let reads = 0;
              const value = (args()[at] as Record<string, unknown>)[key];
              const get = () => reads++ === 0 ? value : HOSTILE[kind]();
              await complaints.safe(`then ${kind} ${where}`, row, withField({ get }));
            }
            const throwing = withField({
              get() {
                throw new Error("a getter");
              },
            });
            await complaints.refused(`a getter that throws ${where}`, row, throwing);
          }
        }
      }
      complaints.end();
    });

    it(`refuses an argument too many: ${name}`, async () => {
      const complaints = new Complaints();
      const [args] = row.calls;
      for (const extra of [{ runtime }, 1, "text", null, [1]]) {
        await complaints.refused(`${typeof extra}`, row, [...args(), extra]);
      }
      await complaints.taken("undefined", row, [...args(), undefined]);
      if (row.maps) {
        const list = args();
        await complaints.taken("what map gives", row, [list[0], 0, list]);
      }
      complaints.end();
    });
  }

  it("leaves no rejection unhandled", async () => {
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(rejections, []);
    rejections = [];
  });
});
