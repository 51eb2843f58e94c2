/**
 * What is emitted for a launch.
 *
 * @module
 */

/** A launch as a shader. Equal launches of a plan, or of several, have equal texts. */
export interface Shader {
  readonly text: string;
  /** Values of the program in the order of their bindings; the results' follow, then the scalars'. */
  readonly reads: readonly number[];
  /** Scalars of the program in the order of the uniform. */
  readonly scalars: readonly number[];
  /** Workgroups in each dimension. */
  readonly groups: readonly [number, number];
  /** Threads of a workgroup. */
  readonly threads: number;
  /** How cells are divided among threads, in words, for tools that show plans. */
  readonly form: string;
}

/** The names of so many results. */
export function resultNames(count: number): string[] {
  return count === 1 ? ["result"] : Array.from({ length: count }, (_, i) => `w${i}`);
}

/** Workgroups in one dimension: the least that WebGPU promises. */
const MOST_GROUPS = 65535;

/** Workgroups in both dimensions: at least `count`, in rows of one length if one row is not enough. */
export function groupsOf(count: number): readonly [number, number] {
  const rows = Math.ceil(count / MOST_GROUPS);
  return [Math.ceil(count / rows), rows];
}
