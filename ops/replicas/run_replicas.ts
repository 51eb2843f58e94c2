/**
 * Replicas in one process, for tests and to try things out.
 *
 * @module
 */
import { checkArguments } from "../tensor/arguments.ts";
import { checkNumber } from "../tensor/numbers.ts";
import { shown } from "../tensor/shown.ts";
import { partFrom, valuesFrom } from "./collective.ts";
import type { ReplicaGroup } from "./group.ts";

/** More are hardly meant to be in one process. */
const MOST = 4096;

type Numbers = Float32Array | Float64Array;

/** One call of a collective, until all replicas have come. */
interface Round {
  readonly parts: (Part | undefined)[];
  readonly result: Promise<readonly Numbers[]>;
  readonly resolve: (values: readonly Numbers[]) => void;
  readonly reject: (error: Error) => void;
}

/** What one replica brings. */
interface Part {
  readonly call: "allGather" | "allReduce";
  readonly values: Numbers;
}

/**
 * Runs a function once for each of some replicas, all in this process, and waits for all of them. They
 * compute in turn, not at the same time: this is for tests, and to try what then runs on machines of
 * its own.
 *
 * If one throws, the collectives that others wait in reject, and so do all later ones.
 *
 * @param size How many replicas; an integer from 1 to 4096.
 * @param run What each does, with the group as it sees it.
 * @returns What each returned, in order of rank.
 * @throws What the first of them to throw has thrown, once all have ended.
 *
 * @example Usage
 * ```ts
 * import { runReplicas } from "@kernorm/kernorm";
 * import { assertEquals } from "@std/assert";
 *
 * const sums = await runReplicas(3, (group) => group.allReduce(Float64Array.of(group.rank)));
 * assertEquals(sums.map(([sum]) => sum), [3, 3, 3]);
 * ```
 */
export async function runReplicas<T>(
  size: number,
  run: (group: ReplicaGroup) => T | Promise<T>,
): Promise<T[]> {
  const action = "run replicas";
  checkArguments(action, arguments, 2);
  checkNumber(action, "size", size, "count");
  if (size > MOST) {
    throw new RangeError(`Cannot ${action}: size must be at most ${MOST}, got ${size}`);
  }
  if (typeof run !== "function") {
    throw new TypeError(`Cannot ${action}: run must be a function, got ${shown(run)}`);
  }
  const meeting = new Meeting(size);
  const errors: unknown[] = [];
  const results = await Promise.all(Array.from({ length: size }, async (_, rank) => {
    try {
      return await run(meeting.group(rank));
    } catch (error) {
      errors.push(error);
      return undefined;
    } finally {
      meeting.leave(rank);
    }
  }));
  if (errors.length > 0) throw errors[0];
  return results as T[];
}

/** Where replicas of one process meet. */
class Meeting {
  readonly #size: number;
  /** By their numbers; those that all have come to are done with. */
  readonly #rounds = new Map<number, Round>();
  /** How many rounds each has come to. */
  readonly #come: number[];
  /** Who have ended, the first of them first. */
  readonly #ended: number[] = [];

  constructor(size: number) {
    this.#size = size;
    this.#come = new Array(size).fill(0);
  }

  group(rank: number): ReplicaGroup {
    return {
      rank,
      size: this.#size,
      allGather: async (...given) => {
        const parts = await this.#meet(rank, { call: "allGather", values: partFrom(given) });
        return parts.map((values) => Float64Array.from(values));
      },
      allReduce: async <T extends Numbers>(...given: [values: T]) => {
        const values = valuesFrom<T>(given);
        const parts = await this.#meet(rank, { call: "allReduce", values });
        const sums = values.slice() as T;
        for (let i = 0; i < sums.length; i++) {
          sums[i] = parts.reduce((sum, part) => sum + part[i], 0);
        }
        return sums;
      },
    };
  }

  /** Ends the rounds that one who has ended does not come to. */
  leave(rank: number): void {
    this.#ended.push(rank);
    for (const [turn, { reject }] of this.#rounds) {
      if (turn >= this.#come[rank]) reject(hasEnded(rank));
    }
  }

  #meet(rank: number, part: Part): Promise<readonly Numbers[]> {
    const turn = this.#come[rank]++;
    const round = this.#rounds.get(turn) ?? newRound(this.#size);
    const { parts, result, resolve, reject } = round;
    parts[rank] = part;
    this.#rounds.set(turn, round);
    const absent = this.#ended.find((other) => turn >= this.#come[other]);
    if (absent !== undefined) reject(hasEnded(absent));
    const all = parts.filter((one) => one !== undefined);
    if (all.length === this.#size) {
      this.#rounds.delete(turn);
      const different = differenceOf(all);
      if (different === undefined) resolve(all.map(({ values }) => values));
      else reject(new Error(different));
    }
    return result;
  }
}

function newRound(size: number): Round {
  let resolve!: Round["resolve"];
  let reject!: Round["reject"];
  const result = new Promise<readonly Numbers[]>((...both) => [resolve, reject] = both);
  return { parts: new Array(size).fill(undefined), result, resolve, reject };
}

function hasEnded(rank: number): Error {
  return new Error(
    `Cannot meet the other replicas: all must come to each call, got replica ${rank} ended`,
  );
}

/** What is wrong with the parts of one round, if they do not fit together. */
function differenceOf(parts: readonly Part[]): string | undefined {
  const kindOf = ({ call, values }: Part) =>
    call === "allGather"
      ? call
      : `${call} of ${values.length} numbers of float${8 * values.BYTES_PER_ELEMENT}`;
  const rank = parts.findIndex((part) => kindOf(part) !== kindOf(parts[0]));
  if (rank < 0) return undefined;
  return "Cannot meet the other replicas: all must make the same calls in the same order, got " +
    `${kindOf(parts[0])} on replica 0 and ${kindOf(parts[rank])} on replica ${rank}`;
}
