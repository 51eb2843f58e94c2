import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import config from "../../deno.json" with { type: "json" };
import { argumentsOf, ExampleError, readPicture } from "../../examples/shared/command.ts";

const ROOT = new URL("../../", import.meta.url);
const USAGE = "Usage: deno task example [file ...] [--seed=1] [--steps=10]";
const parse = (...args: string[]) => argumentsOf(args, USAGE, { seed: 1, steps: 10 }, 2);

describe("arguments of an example", () => {
  it("are options with their defaults, and files", () => {
    assertEquals(parse(), { options: { seed: 1, steps: 10 }, files: [] });
    assertEquals(parse("a.png", "--steps=20", "b.png"), {
      options: { seed: 1, steps: 20 },
      files: ["a.png", "b.png"],
    });
    assertEquals(parse("--seed", "7", "--", "--a.png"), {
      options: { seed: 7, steps: 10 },
      files: ["--a.png"],
    });
  });

  it("may be texts", () => {
    const defaults = { seed: 1, cache: "here" };
    const { options } = argumentsOf(["--cache=there", "--seed=2"], USAGE, defaults);
    assertEquals(options, { seed: 2, cache: "there" });
    assertEquals(argumentsOf([], USAGE, defaults).options, defaults);
    assertThrows(() => argumentsOf(["--cache="], USAGE, defaults), ExampleError, USAGE);
  });

  for (
    const args of [
      ["--step=1"],
      ["--seed"],
      ["--seed="],
      ["--seed=1.5"],
      ["--seed=-1"],
      ["--seed=9007199254740992"],
      ["--toString=1"],
      ["-s"],
      ["a", "b", "c"],
    ]
  ) {
    it(`are refused with the usage: ${args.join(" ")}`, () => {
      assertThrows(() => parse(...args), ExampleError, USAGE);
    });
  }
});

describe("a picture", () => {
  it("that is missing is not said to be no PNG", async () => {
    const error = await assertRejects(() => readPicture("/nowhere/none.png"), ExampleError);
    assertMatch((error as Error).message, /^Cannot read \/nowhere\/none\.png: No such file/);
  });
});

const page = await Deno.readTextFile(new URL("docs/examples.md", ROOT));

describe("a command in docs/examples.md", () => {
  for (const [, command, name] of page.matchAll(/^\| `(deno task ([\w-]+)[^`]*)`/gm)) {
    it(`has options and defaults of its own: ${command}`, async () => {
      const tasks: Readonly<Record<string, string>> = config.tasks;
      const script = tasks[name].split(" ").at(-1)!;
      const source = await Deno.readTextFile(new URL(script, ROOT));
      const options = [...command.matchAll(/\[--[\w-]+=\d+\]/g)].map(([option]) => option);
      assertEquals(options.filter((option) => !source.includes(option)), []);
    });
  }
});
