/**
 * Stand-ins for Deno and for MPI.
 *
 * @module
 */
import type { DenoLike, ForeignSymbol } from "../../ops/mpi/deno.ts";
import type { Mpi } from "../../ops/mpi/mpi.ts";
import type { ReplicaGroup } from "../../ops/replicas/group.ts";

type Symbols = Readonly<Record<string, unknown>>;

/** A Deno with libraries of these symbols; it remembers what it has opened, printed and exited with. */
export class FakeDeno implements DenoLike {
  readonly build: { readonly os: string };
  exitCode = 0;
  readonly env: { get(): undefined } = { get: () => undefined };
  readonly permissions: DenoLike["permissions"];
  readonly opened: string[] = [];
  readonly codes: number[] = [];
  printed = "";
  readonly stderr: DenoLike["stderr"] = {
    writeSync: (bytes) => {
      this.printed += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  readonly #libraries: Readonly<Record<string, Symbols>>;

  constructor(
    libraries: Readonly<Record<string, Symbols>>,
    os = "linux",
    granted: readonly string[] = [],
  ) {
    this.#libraries = libraries;
    this.build = { os };
    this.permissions = {
      querySync: (permission) => {
        const name = permission.name === "env" ? permission.variable : permission.name;
        return { state: granted.includes(name) ? "granted" : "prompt" };
      },
    };
  }

  dlopen(path: string, wanted: Readonly<Record<string, ForeignSymbol>>): { symbols: Symbols } {
    this.opened.push(path);
    const library = this.#libraries[path];
    if (library === undefined) throw new Error(`no library ${path}`);
    const names = Object.keys(wanted);
    const missing = names.find((name) => !wanted[name].optional && !(name in library));
    if (missing !== undefined) throw new Error(`no symbol ${missing}`);
    return { symbols: Object.fromEntries(names.map((name) => [name, library[name] ?? null])) };
  }

  exit(code: number): never {
    this.codes.push(code);
    return undefined as never;
  }

  inspect(value: unknown): string {
    return String(value);
  }
}

/** The function of a library that tells its version. */
export function versionText(version: string): Symbols {
  return {
    MPI_Get_library_version: (text: Uint8Array, length: Int32Array) => {
      const bytes = new TextEncoder().encode(version);
      text.set(bytes);
      length[0] = bytes.length;
      return 0;
    },
  };
}

/** The library of C, whose dlopen returns this and remembers its arguments. */
export function libc(result: unknown, calls: [string, number][]): Symbols {
  return {
    dlopen: (name: Uint8Array, flags: number) => {
      calls.push([new TextDecoder().decode(name), flags]);
      return result;
    },
  };
}

/** MPI over a group in one process. */
export class FakeMpi implements Mpi {
  readonly rank: number;
  readonly size: number;
  readonly threads: boolean = true;
  /** What has been called, in its order. */
  readonly calls: string[] = [];
  /** What every call fails with, if it does. */
  failure: Error | undefined;
  readonly #group: ReplicaGroup;

  constructor(group: ReplicaGroup) {
    this.#group = group;
    this.rank = group.rank;
    this.size = group.size;
  }

  async exchange(part: Float64Array): Promise<Float64Array> {
    this.calls.push("exchange");
    if (this.failure !== undefined) throw this.failure;
    return Float64Array.from((await this.#group.allGather(part)).flatMap((one) => [...one]));
  }

  async gather(part: Float64Array, lengths: readonly number[]): Promise<Float64Array[]> {
    this.calls.push(`gather ${lengths}`);
    return [...await this.#group.allGather(part)];
  }

  sum<T extends Float32Array | Float64Array>(values: T): Promise<T> {
    this.calls.push("sum");
    return this.#group.allReduce(values);
  }

  abort(code: number): void {
    this.calls.push(`abort ${code}`);
  }

  finalize(): void {
    this.calls.push("finalize");
  }
}
