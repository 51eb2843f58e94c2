/**
 * A compiled plan linked to one arena: its module's functions, and what runs the launches that were left
 * to gpu.js.
 *
 * @module
 */
import type { Launch, Program } from "../../plan/program.ts";
import type { Arena } from "./arena.ts";
import { type CompiledPlan, RUN_ALL } from "./compiler/compile.ts";
import type { Work } from "./shares.ts";

/** A plan that can run in an arena. */
export interface Linked {
  /** Runs the plan, given the addresses of a run's block and of panels. */
  readonly run: (base: number, panels: number) => void;
  readonly module: WebAssembly.Module;
  /** The plan's groups one by one, as threads share them out, if all are tiled. */
  readonly work: readonly Work[];
  /** Gives back what it keeps of the arena. */
  readonly dispose: () => void;
}

/** A launch that is left to gpu.js, in an arena. */
export interface StockStep {
  /** Runs the launch, given the address of a run's block. */
  readonly run: (base: number) => void;
  /** Gives back what it keeps of the arena. */
  readonly dispose: () => void;
}

/** What runs the launches that are left to gpu.js. */
export interface Stock {
  /** @throws {Full} If the arena has no room for what the launch keeps. */
  place(program: Program, plan: CompiledPlan, arena: Arena, launch: Launch): StockStep;
  dispose(): Promise<void>;
}

/**
 * Links a plan to an arena.
 *
 * @throws {Full} If the arena has no room for what kernels of gpu.js keep.
 */
export function link(
  program: Program,
  plan: CompiledPlan,
  arena: Arena,
  stock: Stock | undefined,
): Linked {
  const { pages, shared, memory } = arena;
  const module = new WebAssembly.Module(plan.code.bytes({ pages, shared }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (plan.groups.every(({ tiled }) => tiled)) {
    const work = plan.groups.flatMap((group): Work[] =>
      group.tiled ? [{ run: exports[group.name] as Work["run"], tasks: group.tasks }] : []
    );
    return { run: exports[RUN_ALL] as Linked["run"], module, work, dispose: () => {} };
  }
  const placed: StockStep[] = [];
  const dispose = () => placed.forEach((step) => step.dispose());
  try {
    const steps = plan.groups.map((group): Linked["run"] => {
      if (group.tiled) {
        const run = exports[group.name] as (...args: number[]) => void;
        return (base, panels) => run(base, panels, 0, group.tasks);
      }
      if (stock === undefined) {
        throw new Error(
          `Cannot compile ${group.launch.kernel.name}: the compiler does not take it`,
        );
      }
      const step = stock.place(program, plan, arena, group.launch);
      placed.push(step);
      return step.run;
    });
    const run = (base: number, panels: number) => steps.forEach((step) => step(base, panels));
    return { run, module, work: [], dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
