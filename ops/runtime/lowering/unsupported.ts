/** Thrown where our compilers cannot take a kernel; on wasm gpu.js' own code generator then does. */
export class Unsupported extends Error {
  override name = "Unsupported";
}

/** The error for a piece of syntax. */
export function unsupported(node: { readonly type: string } | undefined): Unsupported {
  return new Unsupported(`${node?.type ?? "an empty body"} is not supported`);
}
