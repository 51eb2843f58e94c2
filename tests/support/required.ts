/**
 * What must be there: `KERNORM_REQUIRE=cpu,wasm,webgpu,mpi,browser` makes the absence of one of these a
 * failure. Pages are asked the same by their address.
 *
 * @module
 */
const NAMES = ["cpu", "wasm", "webgl2", "webgpu", "mpi", "browser"];

/** The questions in a page's address; `undefined` outside of pages. */
export const query: URLSearchParams | undefined = "document" in globalThis
  ? new URLSearchParams(globalThis.location.search)
  : undefined;

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };

/** The backends, `mpi` (both implementations) and `browser`, as far as they must be there. */
export const required: readonly string[] = namesIn(
  query ? query.get("require") : process?.env.KERNORM_REQUIRE,
);

const unknown = required.find((name) => !NAMES.includes(name));
if (unknown !== undefined) {
  throw new Error(
    `Cannot test: KERNORM_REQUIRE must name ${
      NAMES.slice(0, -1).join(", ")
    } or browser, got ${unknown}`,
  );
}

/** The names of a list with commas. */
export function namesIn(list: string | null | undefined): string[] {
  return (list ?? "").split(",").filter((name) => name !== "");
}
