/**
 * What is used of Deno. The interfaces are structural, so that the declarations compile in programs
 * that do not know Deno's types.
 *
 * @module
 */

/** The type of a number or a pointer that passes between JavaScript and C. */
export type ForeignType = "buffer" | "i32" | "pointer" | "usize";

/** A function of a library, or the address of something in it. */
export type ForeignSymbol =
  | {
    readonly parameters: readonly ForeignType[];
    readonly result: "i32" | "pointer";
    readonly nonblocking?: boolean;
    readonly optional?: true;
  }
  | { readonly type: "pointer"; readonly optional?: true };

/** A permission that a program may have. */
export type Permission = { readonly name: "ffi" } | {
  readonly name: "env";
  readonly variable: string;
};

/** The global `Deno`, as far as it is used. */
export interface DenoLike {
  readonly build: { readonly os: string };
  /** What the process will exit with. */
  readonly exitCode: number;
  readonly env: { get(name: string): string | undefined };
  readonly permissions: { querySync(permission: Permission): { readonly state: string } };
  readonly stderr: { writeSync(bytes: Uint8Array): number };
  dlopen(path: string, symbols: Readonly<Record<string, ForeignSymbol>>): {
    readonly symbols: Readonly<Record<string, unknown>>;
  };
  exit(code: number): never;
  inspect(value: unknown): string;
}
