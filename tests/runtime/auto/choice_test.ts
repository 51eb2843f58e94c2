import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Program } from "../../../ops/plan/program.ts";
import { calibrate } from "../../../ops/runtime/auto/calibrate.ts";
import { Choice, type Measured, type Place } from "../../../ops/runtime/auto/choice.ts";
import { createAutoExecutor } from "../../../ops/runtime/auto/executor.ts";
import type { Rates } from "../../../ops/runtime/auto/rates.ts";
import { Engine } from "../../../ops/runtime/engine.ts";
import type { Executor } from "../../../ops/runtime/executor.ts";
import type { Elements } from "../../../ops/tensor/elements.ts";
import { batchNormOf, gdnOf, groupNormOf } from "../../support/programs.ts";
import { Machine, numbersOf } from "./machine.ts";

/** Milliseconds for a byte at so many gigabytes a second, and for an operation at so many GFLOP/s. */
const gigabytes = (rate: number) => 1 / (rate * 1e6);
const gigaflops = gigabytes;

/** Processors from a telephone's to a workstation's. */
const PROCESSORS: readonly Rates[] = [[4, 3], [15, 8], [40, 25], [100, 60]].map(([flop, byte]) => ({
  latency: 0.005,
  launch: 0.001,
  up: gigabytes(byte),
  down: gigabytes(byte),
  byte: gigabytes(byte),
  flop: gigaflops(flop),
  turn: 0,
}));

/** Cards from a slow one behind a slow bus to a fast one beside the processor. */
const CARDS: readonly Rates[] = [0.08, 0.4, 3].flatMap((latency) =>
  [1, 6, 25].flatMap((bus) =>
    [[100, 30], [2000, 250], [20000, 2000]].map(([flop, byte]) => ({
      latency,
      launch: 0.004,
      up: gigabytes(bus),
      down: gigabytes(bus / 2),
      byte: gigabytes(byte),
      flop: gigaflops(flop),
      turn: 5e-5,
    }))
  )
);

const MACHINES = PROCESSORS.flatMap((wasm) => CARDS.map((webgpu) => ({ wasm, webgpu })));

const PROGRAMS: readonly Program[] = [
  gdnOf([1, 16, 16, 64]),
  gdnOf([1, 64, 64, 32]),
  gdnOf([1, 64, 64, 192]),
  gdnOf([8, 64, 64, 192]),
  groupNormOf([1, 32, 32, 64]),
  groupNormOf([8, 56, 56, 64]),
  groupNormOf([8, 112, 112, 128]),
  batchNormOf([1, 32, 32, 64], { training: false }),
  batchNormOf([8, 56, 56, 64], { training: false }),
  batchNormOf([16, 112, 112, 128], { training: false }),
];

/** Runs a program on the pair of a machine and says where it went. */
async function placeOn(
  machine: Machine,
  program: Program,
  measured: Measured = new Map(),
): Promise<Place> {
  const { pair } = machine;
  const executor = createAutoExecutor(pair, new Choice(pair, () => machine.clock, measured));
  const inputs = inputsOf(program);
  const executable = executor.compile(program);
  await executable.run(inputs, []);
  const { wasm } = executor.runs!;
  await executable.run(inputs, []);
  assertEquals(executor.runs!.wasm, 2 * wasm!, "the choice is kept");
  await executable.dispose();
  return wasm === 1 ? "wasm" : "webgpu";
}

function inputsOf({ lengths, launches }: Program): Elements[] {
  return lengths.slice(0, lengths.length - launches.length).map(numbersOf);
}

describe("calibration", () => {
  it("finds what a machine takes", async () => {
    for (const rates of MACHINES) {
      const machine = new Machine(rates);
      for (const place of ["wasm", "webgpu"] as const) {
        const found = await calibrate(machine.pair[place], () => machine.clock);
        for (const name of ["latency", "launch", "up", "down", "byte", "flop", "turn"] as const) {
          const actual = found[name];
          const expected = rates[place][name];
          assert(
            Math.abs(actual - expected) <= 0.1 * expected + 1e-12,
            `${place} ${name} must be ${expected}, got ${actual} of ${JSON.stringify(rates)}`,
          );
        }
      }
    }
  });

  it("ends all that it has compiled", async () => {
    const machine = new Machine(MACHINES[0]);
    const log = { compiled: 0, disposed: 0 };
    const executor: Executor = {
      ...machine.pair.wasm,
      compile: (program) => {
        log.compiled++;
        return { ...machine.pair.wasm.compile(program), dispose: () => void log.disposed++ };
      },
    };
    await calibrate(executor, () => machine.clock);
    assert(log.compiled > 0);
    assertEquals(log.disposed, log.compiled);
  });
});

describe("the choice of a backend for a plan", () => {
  it("is the better one within 10 % on every machine", async () => {
    const counts = { wasm: 0, webgpu: 0 };
    for (const rates of MACHINES) {
      const machine = new Machine(rates);
      const measured: Measured = new Map();
      for (const program of PROGRAMS) {
        const place = await placeOn(machine, program, measured);
        counts[place]++;
        const times = {
          wasm: machine.timeOf("wasm", program),
          webgpu: machine.timeOf("webgpu", program),
        };
        assert(
          times[place] <= 1.1 * Math.min(times.wasm, times.webgpu),
          `${program.launches[0].kernel.name} ran on ${place}: ${JSON.stringify({ times, rates })}`,
        );
      }
    }
    // Else the machines would be no test.
    assert(counts.wasm > 100 && counts.webgpu > 100, JSON.stringify(counts));
  });

  it("is wasm for small plans, without a question", async () => {
    const fast: Rates = { ...CARDS[2], latency: 1e-9, up: 0, down: 0 };
    const machine = new Machine({ wasm: PROCESSORS[0], webgpu: fast });
    for (const program of [gdnOf([1, 4, 4, 16]), batchNormOf([8, 8, 8, 16], { training: false })]) {
      assertEquals(await placeOn(machine, program), "wasm");
    }
    assertEquals(machine.runs.webgpu, 0);
  });

  it("is made once for two calls at once, and measured once for all plans", async () => {
    const machine = new Machine({ wasm: PROCESSORS[0], webgpu: CARDS.at(-1)! });
    const { pair } = machine;
    const known = new Map();
    const choice = new Choice(pair, () => machine.clock, known);
    const executor = createAutoExecutor(pair, choice);
    const program = gdnOf([8, 64, 64, 192]);
    const executable = executor.compile(program);
    await Promise.all([1, 2].map(() => executable.run(inputsOf(program), [])));
    const { wasm, webgpu } = machine.runs;
    assertEquals(executor.runs, { wasm: 0, webgpu: 2 });
    const [{ kernels, backend, ...estimate }] = executor.estimates!;
    assertEquals([kernels, backend], [["gdnChannelsLastSquareSquare"], "webgpu"]);
    assert(estimate.wasm > estimate.webgpu);
    const other = batchNormOf([8, 56, 56, 64], { training: false });
    const again = createAutoExecutor(pair, new Choice(pair, () => machine.clock, known));
    await again.compile(other).run(inputsOf(other), []);
    assertEquals(machine.runs.wasm + machine.runs.webgpu, wasm + webgpu + 1);
    await executable.dispose();
    assertEquals(executor.estimates, []);
  });

  it("is wasm where the card fails to be measured, until it can be", async () => {
    const machine = new Machine({ wasm: PROCESSORS[0], webgpu: CARDS.at(-1)! });
    const known: Measured = new Map();
    const broken = {
      ...machine.pair.webgpu,
      compile: () => {
        throw new Error("no luck");
      },
    };
    const clock = () => machine.clock;
    const pair = { ...machine.pair, webgpu: broken };
    const executor = createAutoExecutor(pair, new Choice(pair, clock, known));
    const program = gdnOf([8, 64, 64, 192]);
    await executor.compile(program).run(inputsOf(program), []);
    assertEquals(executor.runs, { wasm: 1, webgpu: 0 });
    assertEquals(executor.estimates![0].webgpu, Infinity);
    assertEquals(await placeOn(machine, program, known), "webgpu");
  });

  it("is wasm where wasm fails to be measured, until it can be", async () => {
    const machine = new Machine({ wasm: PROCESSORS[0], webgpu: CARDS.at(-1)! });
    const known: Measured = new Map();
    const program = gdnOf([8, 64, 64, 192]);
    const { compile } = machine.pair.wasm;
    const broken = {
      ...machine.pair.wasm,
      compile: (asked: Program) => {
        if (asked === program) return compile(asked);
        throw new Error("no luck");
      },
    };
    const pair = { ...machine.pair, wasm: broken };
    const executor = createAutoExecutor(pair, new Choice(pair, () => machine.clock, known));
    await executor.compile(program).run(inputsOf(program), []);
    assertEquals([executor.runs, executor.estimates], [{ wasm: 1, webgpu: 0 }, []]);
    assertEquals(await placeOn(machine, program, known), "webgpu");
  });

  it("is the other one where a plan is too large for the better one", async () => {
    for (const full of ["wasm", "webgpu"] as const) {
      const card = full === "wasm" ? { ...CARDS[0], latency: 1e6 } : CARDS.at(-1)!;
      const machine = new Machine({ wasm: PROCESSORS[0], webgpu: card });
      const program = gdnOf([8, 64, 64, 192]);
      const { compile } = machine.pair[full];
      const small = {
        ...machine.pair[full],
        compile: (asked: Program) => {
          if (asked === program) throw new RangeError("too large");
          return compile(asked);
        },
      };
      const pair = { ...machine.pair, [full]: small };
      const executor = createAutoExecutor(pair, new Choice(pair, () => machine.clock, new Map()));
      await executor.compile(program).run(inputsOf(program), []);
      assertEquals(executor.runs, { wasm: 1, webgpu: 1, [full]: 0 });
    }
  });

  it("follows what is on the card, and never leaves it", async () => {
    // A card that no plan would be sent to.
    const slow: Rates = { ...CARDS[0], latency: 1000 };
    const machine = new Machine({ wasm: PROCESSORS[3], webgpu: slow });
    const { pair } = machine;
    const engine = new Engine(
      createAutoExecutor(pair, new Choice(pair, () => machine.clock, new Map())),
      8,
    );
    let x = engine.put(new Float32Array(16 * 16 * 64), true);
    for (let i = 0; i < 10; i++) {
      const program = gdnOf([1, 16, 16, 64]);
      const rest = inputsOf(program).slice(1);
      [x] = await engine.run(program, [x, ...rest], [], true);
    }
    assertEquals(machine.runs, { wasm: 0, webgpu: 10 });
    const { runs } = engine.stats();
    assertEquals(runs, { webgpu: 10, webgl2: 0, wasm: 0, cpu: 0 });
    await engine.dispose();
  });
});
