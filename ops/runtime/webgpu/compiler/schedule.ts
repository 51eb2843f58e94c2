/**
 * In which order launches run, and which of them as one dispatch.
 *
 * @module
 */
import type { Launch, Program } from "../../../plan/program.ts";

/** Storage buffers of a shader: the least that WebGPU promises. */
const MOST_BUFFERS = 8;

/** Numbers in a workgroup's own memory: half of what WebGPU promises. */
const MEMORY = 2048;

/** Launches that are one dispatch. */
export interface Step {
  readonly launches: readonly Launch[];
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
 * as early as they can, so that small ones meet.
 *
 * @param isSmall Whether a launch may be joined with others.
 */
export function stepsOf(program: Program, isSmall: (launch: Launch) => boolean): Step[] {
  const small = new Set(program.launches.filter(isSmall));
  const users = usersOf(program);
  const step = (launches: readonly Launch[]) => stepOf(launches, users, program.lengths);
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
    if (large !== undefined) run([large]);
    else run(joinable(left.filter((launch) => small.has(launch)), there, step));
  }
  return steps;
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

function stepOf(
  launches: readonly Launch[],
  users: Users,
  lengths: readonly number[],
): Step {
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
    launches,
    reads: [...new Set(launches.flatMap(readsOf))].filter((value) => !made.includes(value)),
    writes: made.filter((value) => !own.includes(value)),
    own,
  };
}

function readsOf({ arguments: args }: Launch): number[] {
  return args.flatMap((argument) => "value" in argument ? [argument.value] : []);
}
