/**
 * Caches that drop what was used least recently.
 *
 * @module
 */

/** Values by their keys, as many as were used most recently. */
export class Lru<K, V extends object> {
  readonly #limit: number;
  readonly #evict: (value: V) => void;
  /** The least recently used first. */
  readonly #values = new Map<K, V>();
  /** The last of them, which is asked for again and again. */
  #last: { readonly key: K; readonly value: V } | undefined;

  /** Keeps so many values, at least one, and tells `evict` of each that it drops. */
  constructor(limit: number, evict: (value: V) => void = () => {}) {
    this.#limit = limit;
    this.#evict = evict;
  }

  /** The value of a key, made if there is none; it is now the most recently used. */
  get(key: K, make: () => V): V {
    if (this.#last?.key === key) return this.#last.value;
    const known = this.#values.get(key);
    const value = known ?? make();
    if (known !== undefined) this.#values.delete(key);
    this.#values.set(key, value);
    this.#last = { key, value };
    if (this.#values.size > this.#limit) {
      const [[oldest, dropped]] = this.#values;
      this.#values.delete(oldest);
      this.#evict(dropped);
    }
    return value;
  }

  get size(): number {
    return this.#values.size;
  }

  /** Empties the cache, and returns what was in it. */
  clear(): V[] {
    const values = [...this.#values.values()];
    this.#values.clear();
    this.#last = undefined;
    return values;
  }
}
