/**
 * Trainings on several threads at once.
 *
 * @module
 */
import type { Sets } from "./digits.ts";
import type { Job, Result } from "./training.ts";
import type { Reply, Request } from "./worker.ts";

/** Threads that train; disposed of, they end at once. */
export interface Threads extends Disposable {
  /** Runs a job on a thread that is free. The result is that of the calling thread. */
  readonly train: (job: Job, onSteps: (count: number) => void) => Promise<Result>;
}

/** Starts threads, all with the same digits. */
export function openThreads(sets: Sets, count: number): Threads {
  const all = Array.from({ length: count }, () => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
    tell(worker, { sets });
    return worker;
  });
  const free = [...all];
  return {
    async train(job, onSteps) {
      const worker = free.pop();
      if (worker === undefined) throw new Error(`Cannot train: all ${count} threads are busy`);
      const result = await trainedBy(worker, job, onSteps);
      free.push(worker);
      return result;
    },
    [Symbol.dispose]() {
      for (const worker of all) worker.terminate();
    },
  };
}

function trainedBy(
  worker: Worker,
  job: Job,
  onSteps: (count: number) => void,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if ("result" in data) resolve(data.result);
    else onSteps(data.steps);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot train ${job.norm} at ${job.size}: ${event.message}`));
  };
  tell(worker, { job });
  return promise;
}

function tell(worker: Worker, request: Request): void {
  worker.postMessage(request);
}
