/**
 * What a run was measured on.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** Where and when timings were taken. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly deno: string;
  readonly v8: string;
  readonly gpujs: string;
}

/** This machine, now. */
export async function machine(): Promise<Machine> {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: await processor(),
    cores: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    gpujs: config.imports["gpu.js"].split("@")[1],
  };
}

async function processor(): Promise<string> {
  try {
    const text = await Deno.readTextFile("/proc/cpuinfo");
    return /model name\s*: (.*)/.exec(text)?.[1] ?? Deno.build.arch;
  } catch {
    return Deno.build.arch;
  }
}
