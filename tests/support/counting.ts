/**
 * How often methods of a platform's objects are called.
 *
 * @module
 */

/** Counts the calls of methods while something runs. */
export async function counting(
  methods: readonly (readonly [owner: { prototype: object }, name: string])[],
  run: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const originals = methods.map(([{ prototype }, name]) => {
    const owner = prototype as Record<string, (...args: unknown[]) => unknown>;
    const original = owner[name];
    counts[name] = 0;
    owner[name] = function (...args) {
      counts[name]++;
      return original.apply(this, args);
    };
    return () => owner[name] = original;
  });
  try {
    await run();
  } finally {
    originals.forEach((restore) => restore());
  }
  return counts;
}
