/**
 * `deno task bench <command> [arguments]`: everything that is measured, by one front door.
 *
 * @module
 */

/** A command: what it is for, and the module that has its `main`. */
interface Command {
  readonly usage: string;
  readonly what: string;
  readonly load: () => Promise<{ main(args: readonly string[]): Promise<void> }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  race: {
    usage:
      "[filter ...] [--rounds=15] [--only=name] [--published] [--tries=5] [--json=file] [--again]",
    what: "how fast is it beside other libraries?",
    load: () => import("./races.ts"),
  },
  gpu: {
    usage: "[filter ...] [--quick] [--rounds=7] [--json=file]",
    what: "how fast is it on a graphics card, beside other libraries and what the card can do?",
    load: () => import("./gpu/main.ts"),
  },
  mpi: {
    usage: "",
    what: "how long do the collectives of replicas take, with each MPI that is installed?",
    load: () => import("./mpi/main.ts"),
  },
  track: {
    usage: "[revision] [--only=workload], or --check",
    what: "is this tree slower than another revision? Appends to bench/history.jsonl",
    load: () => import("./track.ts"),
  },
  first: {
    usage: "",
    what: "what does the first call cost in a fresh process?",
    load: () => import("./first_calls.ts"),
  },
  channels: {
    usage: "",
    what: "which share of the engine's multiply-adds does GDN reach, from few channels to many?",
    load: () => import("./channels.ts"),
  },
  gradients: {
    usage: "",
    what: "does a step of training by the tape take longer than the same one gone back by hand?",
    load: () => import("./gradients.ts"),
  },
  bars: {
    usage: "",
    what: "does it keep the speeds that it promises?",
    load: () => import("./bars.ts"),
  },
  plans: {
    usage: "[--check]",
    what: "writes how the workloads' plans are carried out to bench/plans/, and prints the changes",
    load: () => import("./plans.ts"),
  },
  report: {
    usage: "[file]",
    what: "draws the history of tracking as a page",
    load: () => import("./report.ts"),
  },
  export: {
    usage: "<run.json>",
    what: "medians of a race as JSON for dashboards",
    load: () => import("./export.ts"),
  },
  readme: {
    usage: "<run.json>",
    what: "writes the table of docs/performance.md, and the README's rows and chart, from a race",
    load: () => import("./readme.ts"),
  },
};

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  if (name === undefined || name === "--help" || name === "help") console.log(help());
  else if (Object.hasOwn(COMMANDS, name)) await run(name, args);
  else {
    console.error(`Cannot bench: the command must be one of these, got ${name}\n\n${help()}`);
    Deno.exit(2);
  }
}

/** Runs a command; arguments that it does not have end it with those that it has. */
async function run(name: string, args: readonly string[]): Promise<void> {
  const { load, usage } = COMMANDS[name];
  try {
    await (await load()).main(args);
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: string };
    if (!String(code).startsWith("ERR_PARSE_ARGS_")) throw error;
    console.error(`Cannot bench: ${message}\ndeno task bench ${`${name} ${usage}`.trimEnd()}`);
    Deno.exit(2);
  }
}

function help(): string {
  const lines = Object.entries(COMMANDS).map(([name, { usage, what }]) =>
    `  deno task bench ${`${name} ${usage}`.trimEnd()}\n      ${what}`
  );
  return [
    ...lines,
    "  deno bench -A --no-lock bench/gdn_bench.ts",
    "      the same contenders under Deno's own command",
  ].join("\n");
}
