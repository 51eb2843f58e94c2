/**
 * Scripts run by Deno in a process of their own, with no permission.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** Runs a script to its end; it imports the library from `LIBRARY`. Flags are those of the engine. */
export async function runScript(
  source: string,
  flags = "",
): Promise<{ code: number; printed: string }> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-lock",
        ...(flags === "" ? [] : [`--v8-flags=${flags}`]),
        "--config",
        CONFIG,
        file,
      ],
      stderr: "inherit",
    }).output();
    return { code, printed: new TextDecoder().decode(stdout) };
  } finally {
    await Deno.remove(file);
  }
}

/** What a script imports. */
export const LIBRARY = new URL("../../mod.ts", import.meta.url).href;

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
