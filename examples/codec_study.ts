/**
 * Why a codec with GDN may come out below one of linear layers: one choice at a time is changed.
 *
 *     deno task codec-study [image.png ...] [--seed=1] [--steps=2500] [--fits=2] [--lambda=300] [--cache=...]
 *
 * GDN with gamma 0 changes nothing, so that what it costs more than linear layers is not a limit of what
 * it can express. Three costs tell where it is lost: in the training, on patches trained on; between
 * those and a picture that was held back; or between the noise and logistic codes of the training and
 * the rounded codes with their entropies. All are rate + lambda x error in bits per point, and the table
 * shows those of GDN less those of linear layers that were trained with the same choices. `--lambda` is
 * in thousandths.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { createRuntime } from "../mod.ts";
import { fitted, type Outcome, type Setting } from "./codec/fit.ts";
import type { Design } from "./codec/model.ts";
import { SIDE } from "./codec/patches.ts";
import { argumentsOf, ExampleError, madeUp, photographs, run } from "./shared/command.ts";
import { allFits, digestOf } from "./shared/fits.ts";
import type { Picture } from "./shared/image.ts";
import { shown } from "./shared/spread.ts";

const CACHE = fileURLToPath(new URL("codec/cache", import.meta.url));
const USAGE =
  "Usage: deno task codec-study [image.png ...] [--seed=1] [--steps=2500] [--fits=2] [--lambda=300] [--cache=folder]";
const KINDS = ["linear", "GDN"] as const;

/** What is chosen, except the kind. */
interface Choice extends Omit<Design, "kind"> {
  readonly pictures: "made up" | "photographs";
  readonly lambda: number;
  readonly learningRate: number;
  readonly steps: number;
}

/** A fit: what it is told, and which picture is held back of those with this hash. */
interface Fit extends Setting {
  readonly row: string;
  readonly isMadeUp: boolean;
  readonly heldBack: number;
  readonly digest: string;
}

if (import.meta.main) await run(() => main(Deno.args));

async function main(args: readonly string[]): Promise<void> {
  const { options, files } = argumentsOf(args, USAGE, {
    seed: 1,
    steps: 2500,
    fits: 2,
    lambda: 300,
    cache: CACHE,
  });
  if (options.fits === 0) throw new ExampleError(USAGE);
  const sources = {
    "made up": madeUp(options.seed),
    photographs: await photographs(files, SIDE),
  };
  const digest = await digestOf(Object.values(sources).flat().map(({ data }) => data));
  const choices = choicesOf(options.lambda / 1000, options.steps);
  const settings = Object.entries(choices).flatMap(([row, choice]) =>
    KINDS.flatMap((kind) =>
      Array.from(
        { length: options.fits },
        (_, i) => fitOf(row, kind, choice, options.seed + i, i, sources[choice.pictures], digest),
      )
    )
  );
  await using runtime = await createRuntime({ backend: "wasm" });
  const fits = await allFits({
    settings,
    stepsOf: ({ steps }) => steps,
    nameOf: ({ row, design }) => `${row}, ${design.kind}`,
    fit: (fit, onSteps) => {
      const all = sources[fit.isMadeUp ? "made up" : "photographs"];
      const others = all.filter((_, i) => i !== fit.heldBack);
      return fitted(fit, others, all[fit.heldBack], runtime, onSteps);
    },
    folder: options.cache,
    file: "study.json",
  });
  report(
    Object.keys(choices),
    (row, kind) =>
      fits.results.filter((_, i) => settings[i].row === row && settings[i].design.kind === kind),
  );
  await fits.forget();
}

/** The choices of a row: those of the first, and one other. */
function choicesOf(lambda: number, steps: number): Readonly<Record<string, Choice>> {
  const first: Choice = {
    pictures: "made up",
    layers: 2,
    isCodeNormalized: false,
    basis: "random",
    gamma: 0.1,
    lambda,
    learningRate: 0.003,
    steps,
  };
  const better = { pictures: "photographs", basis: "cosines", gamma: 0.001 } as const;
  return {
    "where it began": first,
    "data: photographs": { ...first, pictures: "photographs" },
    "rate: lambda / 10": { ...first, lambda: lambda / 10 },
    "depth: one layer, GDN after it": { ...first, layers: 1, isCodeNormalized: true },
    "depth: two layers, GDN after both": { ...first, isCodeNormalized: true },
    "start: gamma 0.001": { ...first, gamma: 0.001 },
    "start: cosine transform": { ...first, basis: "cosines" },
    "learning rate 0.001": { ...first, learningRate: 0.001 },
    "learning rate 0.01": { ...first, learningRate: 0.01 },
    "steps: four times as many": { ...first, steps: 4 * steps },
    "photographs, both starts": { ...first, ...better },
    "and one layer": { ...first, ...better, layers: 1, isCodeNormalized: true },
    "and two, GDN after both": { ...first, ...better, isCodeNormalized: true },
  };
}

function fitOf(
  row: string,
  kind: (typeof KINDS)[number],
  choice: Choice,
  seed: number,
  i: number,
  pictures: readonly Picture[],
  digest: string,
): Fit {
  const { layers, isCodeNormalized, basis, gamma, lambda, learningRate, steps } = choice;
  return {
    row,
    design: { kind, layers, isCodeNormalized, basis, gamma },
    lambda,
    learningRate,
    steps,
    seed,
    isMadeUp: choice.pictures === "made up",
    heldBack: i % pictures.length,
    digest,
  };
}

function report(
  rows: readonly string[],
  outcomes: (row: string, kind: string) => readonly Outcome[],
): void {
  const columns = ["trained", "heldBack", "coded"] as const;
  const header = columns.map((column) => column.padStart(18)).join("");
  console.log(`${"GDN less linear, bits per point".padEnd(36)}${header}    linear, coded`);
  for (const row of rows) {
    const linear = outcomes(row, "linear");
    const gdn = outcomes(row, "GDN");
    const cells = columns.map((column) =>
      shown(gdn.map(({ costs }, i) => costs[column] - linear[i].costs[column]), 4).padStart(18)
    );
    const absolute = shown(linear.map(({ costs }) => costs.coded), 4).padStart(17);
    console.log(`${row.padEnd(36)}${cells.join("")}${absolute}`);
  }
}
