/**
 * `deno task fuzz [--seconds=60] [--seed=N]`: random plans until the time is up or an answer is wrong.
 *
 * @module
 */
import { createFuzzer } from "./check.ts";

const options = new Map(Deno.args.map((argument) => {
  const [, name, value] = /^--(seconds|seed)=(\d+)$/.exec(argument) ?? [];
  if (name === undefined) {
    console.error(`Cannot fuzz: options must be --seconds=N and --seed=N, got ${argument}`);
    Deno.exit(2);
  }
  return [name, Number(value)];
}));
const first = options.get("seed") ?? Date.now() % 2 ** 31;
const end = performance.now() + 1000 * (options.get("seconds") ?? 60);
await using stack = new AsyncDisposableStack();
const fuzzer = await createFuzzer();
stack.defer(() => fuzzer.dispose());
let [cases, tiled, told] = [0, 0, performance.now()];
for (; performance.now() < end; cases++) {
  if (await fuzzer.check(first + cases)) tiled++;
  if (performance.now() - told < 5000) continue;
  told = performance.now();
  console.error(`${cases + 1} plans, ${tiled} of them tiled throughout ...`);
}
console.log(`${cases} plans from seed ${first} on are right; ${tiled} were tiled throughout`);
