/** y, or both ways y and the cotangents of x and of the parameters. */
export type Answer = Float32Array | readonly Float32Array[];

/** One of those that race. */
export interface Contender {
  readonly name: string;
  /** Another library: what our ratios are against. */
  readonly peer: boolean;
  /** What computes, in words; asked for after a run. */
  readonly executor: string;
  /** Prepares the n-th call, whose shape differs from those before; not timed. */
  prepare?(call: number): void | Promise<void>;
  /** Computes it once, and returns what can be checked, if there is anything. */
  run(): Promise<Answer | undefined> | Answer | undefined;
  /** Milliseconds per call, over so many, of a contender that times itself; others are timed from outside. */
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
