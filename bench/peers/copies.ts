/**
 * The copy of the same bytes, which no op with plain arrays in and out can undercut by much.
 *
 * @module
 */
import type { Contender } from "../contender.ts";
import type { Inputs } from "../inputs.ts";

/** Into memory that is used again, and into fresh memory. */
export function copies({ x }: Inputs): Contender[] {
  const target = new Float32Array(x.length);
  return [
    {
      name: "copy, memory used again",
      peer: false,
      executor: "memory",
      run: () => (target.set(x), undefined),
    },
    {
      name: "copy, fresh memory",
      peer: false,
      executor: "memory",
      run: () => (x.slice(), undefined),
    },
  ];
}
