/** Numbers whose sum depends on the order of its terms, the others for each rank. */
export function awkward(rank: number): Float64Array {
  return Float64Array.from({ length: 1000 }, (_, i) => Math.sin(7 * i + 13 * rank) * 10 ** (i % 5));
}

/** The text of what a call rejects with. */
export async function errorOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
}
