/**
 * The page's side of its worker.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Reply, Request } from "./messages.ts";

/** Milliseconds after which a worker that has not begun is held up by a call that nobody wants. */
const STUCK = 1000;

/** Asks the worker, and puts another one in the place of one that is held up. */
export class Client {
  readonly #hear: (reply: Reply) => void;
  readonly #fail: (message: string) => void;
  #worker: Worker;
  /** Whether the worker has come as far as to tell its backends. */
  #ready = false;
  #relief: ReturnType<typeof setTimeout> | undefined;
  #id = 0;

  /**
   * @param hear Is told the worker's replies to the last request, and its backends.
   * @param fail Is told that the worker itself has failed.
   */
  constructor(hear: (reply: Reply) => void, fail: (message: string) => void) {
    this.#hear = hear;
    this.#fail = fail;
    this.#worker = this.#hired();
  }

  /** Asks for a result; replies to older requests are dropped. */
  ask(request: Omit<Request, "id">): void {
    const numbered: Request = { ...request, id: ++this.#id };
    this.#worker.postMessage(numbered);
    clearTimeout(this.#relief);
    if (this.#ready) this.#relief = setTimeout(() => this.#relieve(numbered), STUCK);
  }

  /** Drops replies to all requests so far. */
  forget(): void {
    this.#id++;
    clearTimeout(this.#relief);
  }

  #hired(): Worker {
    const worker = new Worker("worker.js", { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => this.#take(data));
    worker.addEventListener("error", ({ message }) => {
      this.#fail(`The worker has failed: ${message || "it did not load"}`);
    });
    return worker;
  }

  #relieve(request: Request): void {
    this.#worker.terminate();
    this.#ready = false;
    this.#worker = this.#hired();
    this.#worker.postMessage(request);
  }

  #take(reply: Reply): void {
    if (reply.kind === "backends") this.#ready = true;
    else if (reply.id !== this.#id) return;
    else if (reply.kind === "begun") clearTimeout(this.#relief);
    this.#hear(reply);
  }
}
