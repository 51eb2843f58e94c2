/**
 * What the host's WebAssembly can do, and whether it may be used at all.
 *
 * @module
 */
import { Module } from "./compiler/module.ts";

/** Pages of the memory that is asked for to see whether one is granted: what an empty arena has. */
const PAGES = 2;

/**
 * Why WebAssembly cannot be used here, if so. A page's policy, a switch of the engine or a want of
 * memory refuse it only when it is used, so this compiles, allocates and instantiates the least.
 *
 * @param shared Whether the memory is to be shared by threads.
 */
export function missingWasm(shared: boolean): string | undefined {
  if (typeof WebAssembly !== "object" || WebAssembly === null) {
    return "this runtime has no WebAssembly";
  }
  const limits = { pages: PAGES, shared };
  let refuses = "a module";
  try {
    new WebAssembly.Module(emptyModule().bytes({ ...limits, shared: false }));
    refuses = "SIMD instructions";
    const module = new WebAssembly.Module(simdModule().bytes(limits));
    refuses = shared ? "a shared memory" : "a memory";
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared });
    refuses = "an instance";
    new WebAssembly.Instance(module, { env: { memory } });
    return undefined;
  } catch (error) {
    return `WebAssembly refuses ${refuses}: ${error instanceof Error ? error.message : error}`;
  }
}

function emptyModule(): Module {
  const module = new Module();
  module.add([], [], () => {});
  return module;
}

function simdModule(): Module {
  const module = new Module();
  module.add(["v128", "v128"], ["v128"], (code) => {
    code.get(0).get(1).do("f32x4.mul");
  });
  return module;
}

/**
 * Whether the engine has the relaxed instructions, which came later than the others. Whether its
 * multiply-add rounds once or twice is left to it.
 */
export function hasRelaxedMultiplyAdd(): boolean {
  const module = new Module();
  module.add(["v128", "v128", "v128"], ["v128"], (code) => {
    code.get(0).get(1).get(2).do("f32x4.relaxed_madd");
  });
  return WebAssembly.validate(module.bytes({ pages: 1, shared: false }));
}
