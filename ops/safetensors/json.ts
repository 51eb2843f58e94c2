/**
 * JSON objects with all of their keys: `JSON.parse` drops one that occurs twice, and takes several times
 * as long for an object of 10^5 keys as for as many small ones.
 *
 * @module
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Where a key occurs for the second time: in an object, or in the one that is its member `inside`. */
export class RepeatedKey extends SyntaxError {
  readonly key: string;
  readonly inside: boolean;

  constructor(key: string, inside: boolean) {
    super("a key that occurs twice");
    this.key = key;
    this.inside = inside;
  }
}

/**
 * The members of a JSON object, in time linear in the text.
 *
 * @throws {RepeatedKey} If the object, or an object that is a member of it, has a key twice.
 * @throws {SyntaxError} If the text is not a JSON object.
 */
export function membersOf(text: string): ReadonlyMap<string, unknown> {
  return new Reader(text).members();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  members(): Map<string, unknown> {
    const members = new Map<string, unknown>();
    this.#space();
    this.#take(OPEN);
    if (this.#next() !== CLOSE) {
      do {
        const key = this.#string();
        if (members.has(key)) throw new RepeatedKey(key, false);
        this.#take(COLON);
        members.set(key, this.#value(key));
      } while (this.#took(COMMA));
    }
    this.#take(CLOSE);
    if (this.#at < this.#text.length) throw new SyntaxError("more than one object");
    return members;
  }

  #value(key: string): unknown {
    const first = this.#next();
    if (first === QUOTE) return this.#string();
    const start = this.#at;
    let colons = 0;
    if (first === OPEN || first === OPEN_LIST) colons = this.#passNested();
    else this.#passWord();
    // This also finds out whether brackets match.
    const value = JSON.parse(this.#text.slice(start, this.#at));
    this.#space();
    if (first === OPEN && Object.keys(value).length !== colons) throw new RepeatedKey(key, true);
    return value;
  }

  #string(): string {
    const start = this.#at;
    const isPlain = this.#passString();
    const value = isPlain
      ? this.#text.slice(start + 1, this.#at - 1)
      : JSON.parse(this.#text.slice(start, this.#at));
    this.#space();
    return value;
  }

  /** Passes a string; whether it means what it says, without escapes. */
  #passString(): boolean {
    if (this.#next() !== QUOTE) throw new SyntaxError("no string");
    let isPlain = true;
    for (;;) {
      this.#at++;
      const code = this.#next();
      if (code === QUOTE) break;
      // There are no control characters in strings, and the code behind the end is NaN.
      if (!(code >= 0x20)) throw new SyntaxError("a string without an end");
      if (code !== BACKSLASH) continue;
      isPlain = false;
      this.#at++;
    }
    this.#at++;
    return isPlain;
  }

  /** Passes brackets and all between them; how many colons are directly between them. */
  #passNested(): number {
    let open = 0;
    let colons = 0;
    do {
      const code = this.#next();
      if (Number.isNaN(code)) throw new SyntaxError("a bracket that stays open");
      if (code === QUOTE) {
        this.#passString();
        continue;
      }
      if (code === OPEN || code === OPEN_LIST) open++;
      if (code === CLOSE || code === CLOSE_LIST) open--;
      if (code === COLON && open === 1) colons++;
      this.#at++;
    } while (open > 0);
    return colons;
  }

  /** Passes a number or a name, up to what may stand behind it. */
  #passWord(): void {
    for (;;) {
      const code = this.#next();
      if (code === COMMA || code === CLOSE || !(code > 0x20)) return;
      this.#at++;
    }
  }

  #take(character: number): void {
    if (!this.#took(character)) throw new SyntaxError(`no ${String.fromCharCode(character)}`);
  }

  #took(character: number): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    this.#space();
    return true;
  }

  /** Passes the white space of JSON. */
  #space(): void {
    for (;;) {
      const code = this.#next();
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  /** The next character; NaN at the end. */
  #next(): number {
    return this.#text.charCodeAt(this.#at);
  }
}
