/**
 * What a program does between two rare calls: it takes the caches to itself.
 *
 * @module
 */

/** More numbers than the caches of a core hold. */
const NUMBERS = 4 * 2 ** 20;
/** Numbers of a cache line. */
const LINE = 16;
const RECORDS = 2000;
/** Milliseconds from one call to the next. */
const INTERVAL = 20;

/** Work that is nobody's: it walks over memory, writes and reads text, sorts, and waits. */
export class OtherWork {
  readonly #numbers = new Float32Array(NUMBERS);
  readonly #records = Array.from(
    { length: RECORDS },
    (_, i) => ({ key: `record ${i * 7919 % 2003}`, value: i }),
  );

  /** Works, and returns 20 ms after it began or later. */
  async go(): Promise<void> {
    const start = performance.now();
    for (let i = 0; i < NUMBERS; i += LINE) this.#numbers[i]++;
    const copy: { key: string }[] = JSON.parse(JSON.stringify(this.#records));
    copy.sort((a, b) => a.key < b.key ? -1 : 1);
    const left = INTERVAL - (performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, left)));
  }
}
