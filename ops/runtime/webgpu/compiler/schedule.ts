/**
 * In which order launches run, and which of them as one dispatch.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";
import { readsOf } from "../../../plan/uses.ts";

/** Storage buffers of a shader: the least that WebGPU promises. */
const MOST_BUFFERS = 8;

/** A value of so many numbers for each cell is read through: that takes longer than all else. */
const THROUGH = 8;

/** Numbers in a workgroup's own memory: half of what WebGPU promises. */
const MEMORY = 2048;

/** Launches that are one dispatch: small ones one after the other, or large ones side by side. */
export interface Step {
  readonly launches: readonly Launch[];
  readonly small: boolean;
  /** Values that the step needs from outside. */
  readonly reads: readonly number[];
  /** Values that it leaves in buffers: those that others need, and what does not fit below. */
  readonly writes: readonly number[];
  /** Values that only the step itself needs, and that fit in the memory of a workgroup. */
  readonly own: readonly number[];
}

/**
 * The steps of a program. Small launches, which a single workgroup does as soon as the whole card, are
 * joined where one follows the other: each step of its own would wait for the one before. Large ones run
 * as early as they can, so that small ones meet; those of one grid that read through values do so side by
 * side.
 *
 * @param isSmall Whether a launch may be joined with others.
 */
export function stepsOf(program: Program, isSmall: (launch: Launch) => boolean): Step[] {
  const small = new Set(program.launches.filter(isSmall));
  const users = usersOf(program);
  const step = (launches: readonly Launch[]) => ({
    ...valuesOf(launches, users, program.lengths),
    small: small.has(launches[0]),
    launches,
  });
  const steps: Step[] = [];
  const there = new Set<number>();
  program.lengths.slice(0, program.lengths.length - program.launches.length)
    .forEach((_, input) => there.add(input));
  let left = [...program.launches];
  const run = (launches: readonly Launch[]): void => {
    steps.push(step(launches));
    launches.forEach(({ result }) => there.add(result));
    left = left.filter((launch) => !launches.includes(launch));
  };
  while (left.length > 0) {
    const isReady = (launch: Launch) => readsOf(launch).every((value) => there.has(value));
    const large = left.find((launch) => !small.has(launch) && isReady(launch));
    if (large !== undefined) {
      const others = left.filter((launch) => !small.has(launch) && isReady(launch));
      run(alongside(large, others, program.lengths, step));
    } else run(joinable(left.filter((launch) => small.has(launch)), there, step));
  }
  return steps;
}

/**
 * A large launch with those of its grid that read through values as it does, as many as there are buffers
 * for. Values that they share are read from memory once, and for the others from a cache.
 */
function alongside(
  first: Launch,
  others: readonly Launch[],
  lengths: readonly number[],
  step: (launches: readonly Launch[]) => Step,
): readonly Launch[] {
  const least = THROUGH * lengths[first.result];
  const readsThrough = (launch: Launch) => readsOf(launch).some((value) => lengths[value] >= least);
  if (!readsThrough(first)) return [first];
  return others.reduce<readonly Launch[]>((together, launch) => {
    const alike = launch.grid.every((extent, axis) => extent === first.grid[axis]);
    if (launch === first || !alike || !readsThrough(launch)) return together;
    const { reads, writes } = step([...together, launch]);
    return reads.length + writes.length > MOST_BUFFERS ? together : [...together, launch];
  }, [first]);
}

/** Small launches that can follow each other at once, as many as there are buffers for. */
function joinable(
  left: readonly Launch[],
  there: ReadonlySet<number>,
  step: (launches: readonly Launch[]) => Step,
): readonly Launch[] {
  const made = new Set(there);
  const joined: Launch[] = [];
  for (const launch of left) {
    if (!readsOf(launch).every((value) => made.has(value))) continue;
    const { reads, writes } = step([...joined, launch]);
    if (joined.length > 0 && reads.length + writes.length > MOST_BUFFERS) continue;
    joined.push(launch);
    made.add(launch.result);
  }
  return joined;
}

/** For each value who reads it; the caller is one of them. */
type Users = ReadonlyMap<number, ReadonlySet<Launch | "caller">>;

function usersOf({ launches, results }: Program): Users {
  const users = new Map<number, Set<Launch | "caller">>();
  const use = (value: number, user: Launch | "caller") => {
    users.set(value, (users.get(value) ?? new Set()).add(user));
  };
  for (const launch of launches) for (const value of readsOf(launch)) use(value, launch);
  for (const value of results) use(value, "caller");
  return users;
}

function valuesOf(
  launches: readonly Launch[],
  users: Users,
  lengths: readonly number[],
): Omit<Step, "launches" | "small"> {
  const inside = new Set<Launch | "caller">(launches);
  const made = launches.map(({ result }) => result);
  let room = MEMORY;
  const own = made.filter((value) => {
    const others = [...users.get(value) ?? []].some((user) => !inside.has(user));
    if (others || lengths[value] > room) return false;
    room -= lengths[value];
    return true;
  });
  return {
    reads: [...new Set(launches.flatMap(readsOf))].filter((value) => !made.includes(value)),
    writes: made.filter((value) => !own.includes(value)),
    own,
  };
}
