/**
 * A process of Python that answers commands: a line of JSON each way, which numbers may follow.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** What follows a line. */
type Numbers = readonly Float32Array[];

/** A process that has said its first line. */
export class Python {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBufferLike>>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #read: Uint8Array = new Uint8Array(0);
  /** Settles when the commands before are answered: one is sent at a time. */
  #before: Promise<unknown> = Promise.resolve();

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#reader = process.stdout.getReader();
  }

  /**
   * Starts a script.
   *
   * @returns The process and its first line.
   * @throws {Error} If it does not start, or ends before it has said something.
   */
  static async open<T>(
    python: string,
    script: URL,
  ): Promise<{ readonly process: Python; readonly first: T }> {
    const child = new Deno.Command(python, {
      args: [fileURLToPath(script)],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    child.unref();
    const process = new Python(child);
    try {
      return { process, first: await process.#line() as T };
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  /** Sends a command and the numbers that follow it, and returns the answer. */
  ask<T>(command: object, numbers: Numbers = []): Promise<T> {
    return this.#next(async () => {
      await this.#send(command, numbers);
      return await this.#line() as T;
    });
  }

  /** As `ask`, for an answer that is followed by numbers, whose `lengths` it says. */
  askForNumbers(command: object): Promise<Float32Array[]> {
    return this.#next(async () => {
      await this.#send(command, []);
      const { lengths } = await this.#line() as { readonly lengths: readonly number[] };
      const parts = [];
      for (const length of lengths) parts.push(await this.#numbers(length));
      return parts;
    });
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#reader.cancel();
    await this.#process.status;
  }

  #next<T>(run: () => Promise<T>): Promise<T> {
    const answer = this.#before.then(run);
    this.#before = answer.catch(() => {});
    return answer;
  }

  async #send(command: object, numbers: Numbers): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(command) + "\n"));
    for (const part of numbers) {
      await this.#writer.write(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }

  async #line(): Promise<unknown> {
    let end;
    while ((end = this.#read.indexOf(10)) < 0) await this.#more();
    const text = new TextDecoder().decode(this.#read.subarray(0, end));
    this.#read = this.#read.slice(end + 1);
    return JSON.parse(text);
  }

  async #numbers(length: number): Promise<Float32Array> {
    const bytes = new Uint8Array(4 * length);
    let at = 0;
    while (at < bytes.length) {
      if (this.#read.length === 0) await this.#more();
      const part = this.#read.subarray(0, bytes.length - at);
      bytes.set(part, at);
      at += part.length;
      this.#read = this.#read.subarray(part.length);
    }
    return new Float32Array(bytes.buffer);
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (done) throw new Error("it has ended");
    const longer = new Uint8Array(this.#read.length + value.length);
    longer.set(this.#read);
    longer.set(value, this.#read.length);
    this.#read = longer;
  }
}
