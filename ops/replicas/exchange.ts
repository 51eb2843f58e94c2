/**
 * A round of replicas: each computes something, and all get what every one has computed.
 *
 * @module
 */
import { shown } from "../tensor/shown.ts";
import { asCommon } from "./common_error.ts";
import type { ReplicaGroup } from "./group.ts";

/** What must be alike in a call on all replicas, by the names that errors give it. */
export type Common = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the first number of a message says of the others. */
const DONE = 0;
const FAILED = 1;

/** Where messages of errors are cut off. */
const LONGEST_TEXT = 2000;

/** The last round of each group: they are taken in the order in which they were asked for. */
const rounds = new WeakMap<ReplicaGroup, Promise<unknown>>();

/**
 * Has every replica compute something, and gathers it.
 *
 * The round counts from the call on, so that replicas that call in one order meet in that order, however
 * long each of them computes. Where one fails, all do: it takes part with what it has to say.
 *
 * @param action What it is for, for messages.
 * @param common What must be alike on all replicas; looked at once `compute` has ended.
 * @param compute What this replica does; it begins at once.
 * @returns What every replica has computed, in order of rank.
 * @throws What `compute` has thrown; on other replicas an error that says which one failed, and how; a
 * TypeError on all of them if their calls are not alike.
 */
export function exchange(
  group: ReplicaGroup,
  action: string,
  common: () => Common,
  compute: () => Promise<Float64Array>,
): Promise<readonly Float64Array[]> {
  return inTurn(
    group,
    compute,
    async (outcome) =>
      "error" in outcome
        ? await failIn(group, outcome.error)
        : await meet(group, action, JSON.stringify(common()), outcome.value),
  );
}

/** What came of something that may fail. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Has a replica prepare something at once, and meet the others with it when all rounds that were asked
 * for before have ended.
 */
export function inTurn<T, R>(
  group: ReplicaGroup,
  prepare: () => Promise<T>,
  meet: (outcome: Outcome<T>) => Promise<R>,
): Promise<R> {
  const prepared = prepare().then((value) => ({ value }), (error) => ({ error }));
  const before = rounds.get(group) ?? Promise.resolve();
  const round = before.then(async () => await meet(await prepared));
  rounds.set(group, round.catch(() => {}));
  return round;
}

/** Tells the other replicas what has gone wrong here. */
async function failIn(group: ReplicaGroup, error: unknown): Promise<never> {
  const text = error instanceof Error ? error.message : shown(error);
  // What is wrong here is what the caller needs to know, whatever becomes of the round.
  await group.allGather(joined([FAILED], codesOf(text))).catch(() => {});
  throw error;
}

async function meet(
  group: ReplicaGroup,
  action: string,
  call: string,
  values: Float64Array,
): Promise<readonly Float64Array[]> {
  const codes = codesOf(call);
  const messages = await group.allGather(joined([DONE, hashOf(codes)], values));
  const failed = messages.findIndex(([status]) => status !== DONE);
  if (failed >= 0) {
    const [status] = messages[failed];
    throw asCommon(
      new Error(
        `Cannot ${action}: every replica must come through, got on replica ${failed}: ${
          status === FAILED ? textOf(messages[failed].subarray(1, LONGEST_TEXT)) : "another call"
        }`,
      ),
    );
  }
  if (messages.some(([, hash]) => hash !== messages[0][1])) {
    // All see this, and come to a round of their own.
    const calls = await group.allGather(codes);
    const other = calls.findIndex((other, i) => hashOf(other) !== messages[i][1]);
    throw asCommon(
      new TypeError(
        `Cannot ${action}: all replicas must make the same call, got ${
          other < 0 ? differenceOf(calls.map(textOf)) : `another on replica ${other}`
        }`,
      ),
    );
  }
  return messages.map((one) => one.subarray(2));
}

/** In which fields the first call that is another one differs from that of replica 0. */
function differenceOf(calls: readonly string[]): string {
  const other = calls.findIndex((call) => call !== calls[0]);
  const [first, second] = [calls[0], calls[other]].map((call) => JSON.parse(call) as Common);
  const different = Object.keys({ ...first, ...second }).filter((name) =>
    first[name] !== second[name]
  );
  const list = (call: Common) => different.map((name) => `${name} ${call[name]}`).join(", ");
  return `${list(first)} on replica 0 and ${list(second)} on replica ${other}`;
}

/** Numbers one behind the other; there may be more than a call takes arguments. */
export function joined(...parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** FNV-1a: 32 bits of a text. */
export function hashOf(codes: Float64Array): number {
  return codes.reduce((hash, code) => Math.imul(hash ^ code, 0x01000193), 0x811c9dc5) >>> 0;
}

/** The units of a text: any number stands for one, and what others send may be no text. */
export function codesOf(text: string): Float64Array {
  return Float64Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

function textOf(codes: Float64Array): string {
  return String.fromCharCode(...codes);
}
