/** y, or both ways y and the cotangents of x, beta and gamma. */
export type Answer = Float32Array | readonly Float32Array[];

/** One of those that race. */
export interface Contender {
  readonly name: string;
  /** Another library: what our ratios are against. */
  readonly peer: boolean;
  /** What computes, in words; asked for after a run. */
  readonly executor: string;
  /** Makes ready for the n-th call, whose shape is another than those before; not timed. */
  prepare?(call: number): void | Promise<void>;
  /** Computes it once; copies and stays in place answer with what can be checked, or nothing. */
  run(): Promise<Answer | undefined> | Answer | undefined;
  /** Milliseconds of one of so many calls, from who takes its own time; others are timed from here. */
  time?(calls: number): Promise<number>;
  dispose?(): void | Promise<void>;
}

/** One that cannot take part, and why. */
export interface Absent {
  readonly name: string;
  readonly absent: string;
}

/** Whether a contender is not there. */
export function isAbsent(contender: Contender | Absent): contender is Absent {
  return "absent" in contender;
}

/** Whether a contender has several threads, as its name says: "library 1.2, 2 threads". */
export function isThreaded({ name }: { readonly name: string }): boolean {
  return /, (\d+|default) threads/.test(name);
}
