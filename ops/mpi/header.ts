/**
 * What replicas tell each other before each call, so that calls that differ are errors on all of them
 * and neither a wrong sum nor a wait without end.
 *
 * @module
 */

/** The calls; a replica that has `ended` makes no other. */
const CALLS = ["ended", "barrier", "allGather", "allReduce"] as const;

/** What a replica is about to do. */
export interface Header {
  readonly call: (typeof CALLS)[number];
  /** How many numbers it brings; may differ in `allGather`. */
  readonly length: number;
  /** The bits of each number. */
  readonly bits: number;
}

/** How many numbers a header is. */
const FIELDS = 3;

/** MPI counts in 32 bits. */
const MOST = 2 ** 31 - 1;

/** A header as numbers, of 64 bits: a length that is too long for MPI has to be told as well. */
export function packed({ call, length, bits }: Header): Float64Array {
  return Float64Array.of(CALLS.indexOf(call), length, bits);
}

/** The headers of all replicas, in order of rank. */
export function unpacked(numbers: Float64Array): Header[] {
  return Array.from({ length: numbers.length / FIELDS }, (_, rank) => {
    const [call, length, bits] = numbers.subarray(FIELDS * rank, FIELDS * (rank + 1));
    return { call: CALLS[call], length, bits };
  });
}

/** Which replica has ended, the first if several have, unless all have. */
export function endedOf(headers: readonly Header[]): number | undefined {
  const ended = headers.map(({ call }) => call === "ended");
  return ended.includes(true) && ended.includes(false) ? ended.indexOf(true) : undefined;
}

/** Why the replicas cannot make their calls, in the words of `runReplicas`; the same on each. */
export function refusalOf(headers: readonly Header[]): Error | undefined {
  const ended = endedOf(headers);
  if (ended !== undefined) {
    return new Error(
      `Cannot meet the other replicas: all must come to each call, got replica ${ended} ended`,
    );
  }
  const kinds = headers.map(({ call, length, bits }) =>
    call === "allReduce" ? `${call} of ${length} numbers of float${bits}` : call
  );
  const other = kinds.findIndex((kind) => kind !== kinds[0]);
  if (other > 0) {
    return new Error(
      "Cannot meet the other replicas: all must make the same calls in the same order, got " +
        `${kinds[0]} on replica 0 and ${kinds[other]} on replica ${other}`,
    );
  }
  return tooLong(headers);
}

function tooLong(headers: readonly Header[]): RangeError | undefined {
  const [{ call, length }] = headers;
  const gathers = call === "allGather";
  const total = gathers ? headers.reduce((sum, header) => sum + header.length, 0) : length;
  if (total <= MOST) return undefined;
  const what = gathers ? "the parts together" : "values";
  return new RangeError(
    `Cannot ${call} over the replicas: ${what} must have at most ${MOST} numbers, got ${total}`,
  );
}
