/**
 * Runtimes at work: the engine behind each, the shared one, and the running of recorded plans.
 *
 * @module
 */
import { checkArguments, extentsOf, readable } from "./_checks.ts";
import { checkKept, SymbolicTensor } from "./_graph.ts";
import type { Recorded } from "./_plan.ts";
import { OwnedTensor } from "./_resident.ts";
import { sizeOf } from "./_shape.ts";
import { shown } from "./_shown.ts";
import type { ResidentTensor, Runtime, RuntimeScope, RuntimeStats } from "./runtime.ts";
import { Engine } from "./runtime/engine.ts";
import { type Backend, createExecutor, selectExecutor } from "./runtime/select.ts";
import type { WasmSettings } from "./runtime/wasm/executor.ts";
import type { Tensor } from "./tensor.ts";

/** How many compiled plans a runtime keeps unless it is told otherwise. */
export const DEFAULT_PLAN_LIMIT = 64;

const RECYCLE = "recycle";

/** What ops run with: an engine, and what becomes of the results. */
abstract class Runner {
  // A private field, which a proxy of a runtime does not have, and without which no method works.
  readonly #brand = true;

  /** Whether something is a runtime itself. */
  static is(node: unknown): node is Runner {
    return typeof node === "object" && node !== null && #brand in node;
  }

  abstract readonly engine: Engine;
  /** Whether results stay in the runtime's memory. */
  abstract readonly keeps: boolean;

  /** A result as the caller gets it. */
  abstract result(shape: readonly number[], data: Float32Array): Tensor;
}

class EngineRuntime extends Runner implements Runtime {
  override readonly engine: Engine;
  override readonly keeps = false;
  readonly backend: Backend;
  readonly #device: string;
  readonly #fallbackReasons: readonly string[];

  constructor(engine: Engine, backend: Backend, device: string, skipped: readonly string[]) {
    super();
    this.engine = engine;
    this.backend = backend;
    this.#device = device;
    this.#fallbackReasons = skipped;
  }

  stats(): RuntimeStats {
    checkSelf("read statistics", this);
    checkArguments("read statistics", arguments, 0);
    return {
      backend: this.backend,
      device: this.#device,
      ...this.engine.stats(),
      fallbackReasons: this.#fallbackReasons,
    };
  }

  tensor(shape: readonly number[]): ResidentTensor {
    checkSelf("make a tensor", this);
    checkArguments("make a tensor", arguments, 1);
    return allocate(this.engine, shape);
  }

  recycle(y: Tensor): void {
    checkSelf(RECYCLE, this);
    checkArguments(RECYCLE, arguments, 1);
    recycle(this.engine, y);
  }

  scope(): RuntimeScope {
    checkSelf("open a scope", this);
    checkArguments("open a scope", arguments, 0);
    return new Scope(this);
  }

  override result(shape: readonly number[], data: Float32Array): Tensor {
    return { shape, data };
  }

  dispose(): Promise<void> {
    checkSelf("dispose", this);
    checkArguments("dispose", arguments, 0);
    return this.engine.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    checkSelf("dispose", this);
    return this.dispose();
  }
}

/** A runtime whose tensors and results live until it ends. */
class Scope extends Runner implements RuntimeScope {
  override readonly keeps = true;
  readonly #runtime: EngineRuntime;
  readonly #tensors: ResidentTensor[] = [];
  #ended = false;

  constructor(runtime: EngineRuntime) {
    super();
    this.#runtime = runtime;
  }

  override get engine(): Engine {
    if (this.#ended) {
      throw new Error("Cannot run: the scope must not have ended, got one that has");
    }
    return this.#runtime.engine;
  }

  get backend(): Backend {
    return this.#runtime.backend;
  }

  stats(): RuntimeStats {
    checkSelf("read statistics", this);
    checkArguments("read statistics", arguments, 0);
    return this.#runtime.stats();
  }

  tensor(shape: readonly number[]): ResidentTensor {
    checkSelf("make a tensor", this);
    checkArguments("make a tensor", arguments, 1);
    return this.#own(allocate(this.engine, shape));
  }

  recycle(y: Tensor): void {
    checkSelf(RECYCLE, this);
    checkArguments(RECYCLE, arguments, 1);
    recycle(this.engine, y);
  }

  scope(): RuntimeScope {
    checkSelf("open a scope", this);
    checkArguments("open a scope", arguments, 0);
    return new Scope(this.#runtime);
  }

  override result(shape: readonly number[], data: Float32Array): Tensor {
    return this.#own(new OwnedTensor(shape, data, this.#runtime.engine));
  }

  dispose(): Promise<void> {
    checkSelf("dispose", this);
    checkArguments("dispose", arguments, 0);
    this[Symbol.dispose]();
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    checkSelf("end a scope", this);
    this.#ended = true;
    this.#tensors.splice(0).forEach((tensor) => tensor[Symbol.dispose]());
  }

  [Symbol.asyncDispose](): Promise<void> {
    checkSelf("dispose", this);
    return this.dispose();
  }

  /** Results of calls that were still pending when the scope ended end at once. */
  #own(tensor: ResidentTensor): ResidentTensor {
    if (this.#ended) tensor[Symbol.dispose]();
    else this.#tensors.push(tensor);
    return tensor;
  }
}

/** Hands a result's memory to an engine. */
function recycle(engine: Engine, y: Tensor): void {
  const { shape, data } = readable(RECYCLE, "y", () => {
    if (y instanceof SymbolicTensor || y instanceof OwnedTensor) return {};
    const { shape, data } = Object(y) as Partial<Tensor>;
    return { shape: Array.isArray(shape) ? Array.from(shape) : undefined, data };
  });
  if (shape === undefined || !(ArrayBuffer.isView(data) && data instanceof Float32Array)) {
    const what = y instanceof OwnedTensor ? "one in a runtime's memory" : shown(y);
    throw new TypeError(`Cannot ${RECYCLE}: y must be a plain tensor, got ${what}`);
  }
  if (data.length === 0 && sizeOf(shape) !== 0) {
    throw new TypeError(
      `Cannot ${RECYCLE}: y must not have been recycled before, got one without its ${
        sizeOf(shape)
      } elements`,
    );
  }
  if (data.byteLength !== data.buffer.byteLength) {
    throw new TypeError(
      `Cannot ${RECYCLE}: y must fill its buffer of ${data.buffer.byteLength} bytes, got ${data.byteLength}`,
    );
  }
  if (data.length > 0) engine.recycle(data);
}

/** Zeros in an engine's memory. */
function allocate(engine: Engine, shape: readonly number[]): ResidentTensor {
  const extents = extentsOf("make a tensor", "shape", shape);
  return new OwnedTensor(extents, engine.allocate(sizeOf(extents)), engine);
}

/**
 * Checks that a method has been called as one.
 *
 * @throws {TypeError} If `self` is no runtime.
 */
function checkSelf(action: string, self: unknown): void {
  if (isRuntime(self)) return;
  throw new TypeError(`Cannot ${action}: this must be a runtime, got ${shown(self)}`);
}

/** Opens a runtime whose options have been checked. */
export async function openRuntime(
  backend: Backend | "auto",
  planLimit: number,
  settings: WasmSettings,
): Promise<Runtime> {
  const { executor, skipped } = backend === "auto"
    ? await selectExecutor(settings)
    : { executor: await createExecutor(backend, settings), skipped: [] };
  const engine = new Engine(executor, planLimit);
  return new EngineRuntime(engine, executor.backend, executor.device, skipped);
}

let shared: Promise<Runtime> | undefined;
let ready: Runtime | undefined;

/** The runtime of calls that name none. */
function sharedRuntime(): Promise<Runtime> {
  shared ??= openRuntime("auto", DEFAULT_PLAN_LIMIT, {}).then((runtime) => ready = runtime).catch(
    (error) => {
      shared = undefined;
      throw error;
    },
  );
  return shared;
}

/**
 * Runs a recorded plan. Its inputs are read before this returns, whether the runtime is there
 * already or has to be opened first.
 */
export async function execute(recorded: Recorded, runtime = ready): Promise<Float32Array[]> {
  const { program, scalars } = recorded;
  const inputs = recorded.sources.map((source, id) => {
    const data = source();
    checkKept(program.names[id], data, program.lengths[id]);
    return data;
  });
  if (program.launches.length === 0) return program.results.map((id) => inputs[id].slice());
  if (runtime !== undefined) {
    const { engine, keeps } = runnerOf(runtime);
    return await engine.run(program, inputs, scalars, keeps);
  }
  const copies = inputs.map((input) => input.slice());
  return await runnerOf(await sharedRuntime()).engine.run(program, copies, scalars);
}

/** What lives as long as the engine that a call runs on; `undefined` before there is one. */
export function keeperOf(runtime: Runtime | undefined): object | undefined {
  const known = runtime ?? ready;
  return known && runnerOf(known).engine;
}

/** How a call's results become tensors. */
export function resultsOf(runtime: Runtime | undefined): Runner["result"] {
  if (runtime === undefined) return (shape, data) => ({ shape, data });
  const runner = runnerOf(runtime);
  return (shape, data) => runner.result(shape, data);
}

/**
 * Checks the `runtime` option of an op.
 *
 * @throws {TypeError} If it is not a runtime.
 */
export function checkRuntime(action: string, runtime: Runtime | undefined): void {
  if (runtime !== undefined && !isRuntime(runtime)) {
    throw new TypeError(
      `Cannot ${action}: runtime must come from createRuntime, got ${shown(runtime)}`,
    );
  }
}

/** Whether something is a runtime or a scope of one. */
export function isRuntime(node: unknown): boolean {
  return Runner.is(node);
}

function runnerOf(runtime: Runtime): Runner {
  return runtime as Runtime & Runner;
}
