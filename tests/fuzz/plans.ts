/**
 * Random plans through the tile compiler, until the time is up or an answer is wrong.
 *
 * @module
 */
import { createFuzzer } from "./check.ts";

/** Checks plans from a seed on, for so many seconds. */
export async function fuzzPlans(first: number, seconds: number): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  await using stack = new AsyncDisposableStack();
  const fuzzer = await createFuzzer();
  stack.defer(() => fuzzer.dispose());
  let cases = 0;
  let tiled = 0;
  let told = performance.now();
  for (; performance.now() < end; cases++) {
    if (await fuzzer.check(first + cases)) tiled++;
    if (performance.now() - told < 5000) continue;
    told = performance.now();
    console.error(`${cases + 1} plans, ${tiled} of them tiled throughout ...`);
  }
  console.log(`${cases} plans from seed ${first} on are right; ${tiled} were tiled throughout`);
}
