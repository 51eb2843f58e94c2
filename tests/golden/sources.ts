/**
 * The original implementations, each with a Python and a virtual environment of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The scripts in tests/golden/sources/ without their ending, with the Python that each needs. */
export const SOURCES: Readonly<Record<string, string>> = {
  addons: "3.11",
  compressai_gdn: "3.11",
  compression: "3.11",
  contrib: "3.7", // the last that TensorFlow 1.15 was built for
  keras3: "3.11",
  onnx_reference: "3.11",
  pytorch: "3.11",
};

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Where a source's script, its requirements and its numbers are. */
export const scriptOf = (source: string) => `${HERE}sources/${source}.py`;
const requirementsOf = (source: string) => `${HERE}sources/${source}.txt`;
export const dataOf = (source: string) => `${HERE}data/${source}.safetensors`;

/** The folder of a source's virtual environment; KERNORM_GOLDEN names another folder for all of them. */
function environmentOf(source: string): string {
  return `${Deno.env.get("KERNORM_GOLDEN") ?? `${HERE}.venv`}/${source}`;
}

/** The Python of a source's environment, or `undefined` where what it requires is not installed. */
export async function installed(source: string): Promise<string | undefined> {
  const folder = environmentOf(source);
  const wanted = await Deno.readTextFile(requirementsOf(source));
  const there = await textOf(`${folder}/requirements.txt`);
  return there === wanted ? `${folder}/bin/python` : undefined;
}

/** The Python of a source's environment, which is made where it is not there. */
export async function install(source: string): Promise<string> {
  const there = await installed(source);
  if (there !== undefined) return there;
  const folder = environmentOf(source);
  const python = `${folder}/bin/python`;
  await run([`python${SOURCES[source]}`, "-m", "venv", "--clear", folder]);
  // The lists are complete, and what they name does not always ask for versions that go together.
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-deps"];
  await run([python, "-m", "pip", "install", ...quiet, "-r", requirementsOf(source)]);
  await Deno.copyFile(requirementsOf(source), `${folder}/requirements.txt`);
  return python;
}

/** Runs a command, of which the errors are shown if it fails. */
export async function run([command, ...args]: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = new TextDecoder();
  if (!success) {
    throw new Error(
      `Cannot run ${command} ${args.join(" ")}:\n${text.decode(stderr).slice(-4000)}`,
    );
  }
  return text.decode(stdout);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
