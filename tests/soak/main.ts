/**
 * `deno task soak [--seconds=60] [--backend=wasm] [--seed=1]`: works without a pause, prints what is
 * held, and fails if it grows.
 *
 * @module
 */
import { type Backend, createRuntime } from "../../mod.ts";
import { DEFAULT_PLAN_LIMIT } from "../../ops/runtime/open.ts";
import { collectGarbage } from "../support/garbage.ts";
import { optionsOf, refuse } from "../support/options.ts";
import { type Sample, trendsOf } from "./growth.ts";
import { type Live, withLive } from "./live.ts";
import { Work } from "./work.ts";

const MB = 2 ** 20;

/**
 * How much each may rise after the warm-up. Nothing is collected by force for these, as that would
 * also empty the engine's caches. `native` is what is resident beyond the heap that the engine
 * reserves, which goes on growing for a minute or more as the engine likes. Compiled modules are native
 * and go with their wrappers, so it can stand 60 MB higher for ten seconds: it also has to be higher
 * by as much after a collection, as the heap.
 */
const ALLOWED: Readonly<Record<string, number>> = {
  native: 32 * MB,
  external: 8 * MB,
  held: 4 * MB,
  plans: 8,
};

/**
 * By how much the heap may be larger at the end than after the warm-up, each time after a collection:
 * without one it moves by dozens of megabytes. Remembered calls are some megabytes.
 */
const ALLOWED_HEAP = 16 * MB;

/**
 * How many more there may be at the end than after the first sample, each counted after a collection.
 * Remembered calls are sixteen of each op at most, which have not been reached by then. Which of the
 * plans that are kept are small, and so keep a block, changes all the time.
 */
const ALLOWED_COUNTS: Readonly<Record<keyof Live, number>> = {
  recorded: 256,
  tensors: 0,
  engines: 0,
  arenas: 0,
  standing: DEFAULT_PLAN_LIMIT,
  blocks: 0,
  threads: 0,
};

/** Collections, half a second each, that are waited for until native memory is where it was. */
const PATIENCE = 20;

/** Samples in all. Each is the least of what was measured since the one before: what stays. */
const SAMPLES = 18;
/** With fewer, growth is not judged: a third of them is warm-up. */
const LEAST_SAMPLES = 12;

const { seconds, backend, seed } = settings();
Deno.exit(await withLive(soak) ? 0 : 1);

/** Works and samples; answers whether nothing grew. */
async function soak(live: () => Live): Promise<boolean> {
  await using runtime = await createRuntime({ backend });
  const work = new Work(runtime, seed);
  const samples: Sample[] = [];
  let first: Live | undefined;
  let settled: Memory | undefined;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  console.log(`soaking ${backend} for ${seconds} s from seed ${seed}`);
  while (elapsed() < seconds) {
    const end = elapsed() + seconds / SAMPLES;
    let least: Record<string, number> | undefined;
    do {
      await work.round();
      // Only a collection gives back shaders, and small wrappers of large things seldom cause one.
      if (backend === "webgpu") await counted(live);
      least = leastOf(measured(work), least);
    } while (elapsed() < Math.min(end, seconds));
    samples.push({ seconds: elapsed(), values: least });
    console.log(lineOf(samples.at(-1)!, work.calls));
    if (first === undefined) {
      first = await counted(live);
      console.log(`alive at first: ${JSON.stringify(first)}`);
    } else if (settled === undefined && elapsed() >= seconds / 3) {
      await counted(live);
      settled = memory();
    }
  }
  const alive = await counted(live);
  const last = await resting(live, settled?.native);
  console.log(`alive in the end: ${JSON.stringify(alive)}`);
  if (first === undefined || settled === undefined || samples.length < LEAST_SAMPLES) {
    console.log(`${samples.length} samples are too few to judge growth; give it more --seconds`);
    return false;
  }
  const growing = trendsOf(samples, ALLOWED).filter(({ name, grows, allowed }) =>
    grows && (name !== "native" || last.native - settled!.native > allowed)
  );
  for (const { name, gained, raised, allowed } of growing) {
    console.log(
      `${name} grows: by ${format(name, gained)} on the line and ${format(name, raised)} between ` +
        `medians, where ${format(name, allowed)} are allowed`,
    );
  }
  const gained = last.heap - settled.heap;
  for (const name of ["heap", "native"] as const) {
    console.log(
      `${name} after a collection: ${format(name, settled[name])}, then ${
        format(name, last[name])
      }`,
    );
  }
  if (gained > ALLOWED_HEAP) {
    console.log(
      `heap grows: by ${format("heap", gained)}, where ${format("heap", ALLOWED_HEAP)} are allowed`,
    );
  }
  const more = (Object.keys(alive) as (keyof Live)[]).filter((name) =>
    alive[name] > first[name] + ALLOWED_COUNTS[name]
  );
  for (const name of more) console.log(`${name} grow: from ${first[name]} to ${alive[name]}`);
  const failed = growing.length + more.length + (gained > ALLOWED_HEAP ? 1 : 0);
  console.log(
    `${work.calls} calls, ${runtime.stats().plansCompiled} plans on ${backend}: ` +
      `${failed === 0 ? "nothing" : failed} grew`,
  );
  return failed === 0;
}

/**
 * Memory in the end. The engine hands back what it has cleared in its own time, which takes seconds on a
 * busy machine after its heap has been large; what has not been handed back by then stays.
 */
async function resting(live: () => Live, before = Infinity): Promise<Memory> {
  for (let i = 0; i < PATIENCE && memory().native - before > ALLOWED.native; i++) {
    await counted(live);
  }
  return memory();
}

/** Counts what is alive after what is pending has ended and what nothing refers to was collected. */
async function counted(live: () => Live): Promise<Live> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    collectGarbage();
  }
  return live();
}

/** Bytes of the process. */
interface Memory extends Record<string, number> {
  readonly rss: number;
  readonly native: number;
  readonly heap: number;
  readonly external: number;
}

function memory(): Memory {
  const { rss, heapUsed: heap, heapTotal, external } = Deno.memoryUsage();
  return { rss, native: rss - heapTotal, heap, external };
}

function measured(work: Work): Record<string, number> {
  const { plansCached, bytesHeld } = work.runtime.stats();
  return { ...memory(), held: bytesHeld, plans: plansCached };
}

function leastOf(
  values: Record<string, number>,
  before: Record<string, number> = values,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Math.min(value, before[name])]),
  );
}

function lineOf({ seconds, values }: Sample, calls: number): string {
  const numbers = Object.entries(values).map(([name, value]) => `${name} ${format(name, value)}`);
  return `${seconds.toFixed(0).padStart(4)} s  ${numbers.join("  ")}  calls ${calls}`;
}

function format(name: string, value: number): string {
  return ["rss", "native", "heap", "external", "held"].includes(name)
    ? `${(value / MB).toFixed(1)} MB`
    : value.toFixed(0);
}

/** What the command was told; a wrong argument ends it. */
function settings() {
  const text = (initial: string) => ({ type: "string", default: initial }) as const;
  const { values } = optionsOf("soak", {
    args: Deno.args,
    options: { seconds: text("60"), backend: text("wasm"), seed: text("1") },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  if (!(seconds >= 10)) {
    refuse("soak", `--seconds must be a number from 10, got ${values.seconds}`);
  }
  if (!Number.isInteger(seed)) refuse("soak", `--seed must be an integer, got ${values.seed}`);
  return { seconds, seed, backend: values.backend as Backend };
}
