/**
 * What of a test run took longest.
 *
 * @module
 */
const MOST = 10;
/** Milliseconds below which nobody needs to look. */
const LEAST = 1000;

/** A heading and lines for the entries that took longest; nothing if none took a second. */
export function slowest(what: string, milliseconds: ReadonlyMap<string, number>): string[] {
  const longest = [...milliseconds].filter(([, time]) => time >= LEAST)
    .sort(([, a], [, b]) => b - a).slice(0, MOST);
  if (longest.length === 0) return [];
  return [
    `slowest ${what}:`,
    ...longest.map(([name, time]) => `${(time / 1000).toFixed(1).padStart(7)} s  ${name}`),
  ];
}

/**
 * The milliseconds of each file, summed over what Deno printed of its outermost tests and suites. Beyond
 * a second these are whole seconds. (Deno's JUnit report names the file that called `Deno.test`, which
 * is that of a test framework.)
 *
 * @param output What `deno test` printed, without colours.
 */
export function timesOfFiles(output: string): Map<string, number> {
  const times = new Map<string, number>();
  let file = "";
  for (const line of output.split("\n")) {
    const started = /^running \d+ tests? from (?:\.\/)?(.*)$/.exec(line);
    if (started !== null) file = started[1];
    const ended = /^\S.* \.\.\. \S.* \((?:(\d+)m)?(?:(\d+)(m?s))?\)$/.exec(line);
    if (ended === null) continue;
    const [, minutes = 0, count = 0, unit] = ended;
    const time = 60_000 * Number(minutes) + Number(count) * (unit === "ms" ? 1 : 1000);
    times.set(file, (times.get(file) ?? 0) + time);
  }
  return times;
}
