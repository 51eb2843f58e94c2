/**
 * Tensors, files of them, and runtimes: a row for each function.
 *
 * @module
 */
import {
  cast,
  createRuntime,
  flattenTree,
  readSafetensors,
  tensor,
  unflattenTree,
  writeSafetensors,
} from "../../../mod.ts";
import {
  type Anything,
  type Family,
  NONE,
  ofNothing,
  ofOptions,
  OPTIONAL,
  type Rows,
  runtime,
} from "./row.ts";
import { x } from "./values.ts";

const file = () => writeSafetensors({ a: tensor([1]) }, { b: "c" });
const shapes = () => [2, 2];
const result = () => ({ shape: [2], data: new Float32Array(2) });
const scope = runtime.scope();

const exports: Rows = {
  cast: {
    call: cast,
    calls: [() => [x(), "uint8"]],
    kinds: ["other", "other"],
    takes: [NONE, NONE],
  },
  createRuntime: ofOptions(
    async (...args: Anything[]) => {
      const made = await createRuntime(...args);
      await made.dispose();
      return made.backend;
    },
    () => ({ backend: "cpu", planLimit: 2, deterministic: false, threads: 1, compiler: "kernorm" }),
  ),
  flattenTree: {
    call: flattenTree,
    calls: [() => [{ a: tensor([1]), b: [tensor([2])] }]],
    kinds: ["tree"],
    takes: [["an array"]],
    maps: true,
  },
  readSafetensors: {
    call: readSafetensors,
    calls: [() => [file(), { prefix: "a" }]],
    kinds: ["other", "record"],
    takes: [NONE, OPTIONAL],
  },
  tensor: {
    call: tensor,
    calls: [() => [[1, 2], [2]], () => [new Float32Array(4), [2, 2]]],
    kinds: ["other", "other"],
    takes: [["a typed array"], OPTIONAL],
  },
  unflattenTree: {
    call: unflattenTree,
    calls: [() => [{ a: tensor([1]) }, { a: tensor([2]) }]],
    kinds: ["tree", "table"],
    takes: [NONE, NONE],
  },
  writeSafetensors: {
    call: writeSafetensors,
    calls: [() => [{ a: tensor([1]) }, { b: "c" }]],
    kinds: ["table", "table"],
    takes: [NONE, OPTIONAL],
  },
};

const returned: Rows = {
  "runtime.stats": ofNothing((...args: Anything[]) => typeof (runtime.stats as Anything)(...args)),
  "runtime.scope": ofNothing((...args: Anything[]) => {
    (runtime.scope as Anything)(...args)[Symbol.dispose]();
  }),
  "scope.zeros": {
    call: (...args: Anything[]) => {
      using made = (scope.zeros as Anything)(...args);
      return [made.shape, made.data.slice()];
    },
    calls: [() => [shapes(), { location: "memory" }]],
    kinds: ["other", "record"],
    takes: [["an array"], OPTIONAL],
  },
  "scope.put": {
    call: (...args: Anything[]) => {
      using put = (scope.put as Anything)(...args);
      return [put.shape, put.data.slice()];
    },
    calls: [() => [result(), { location: "memory" }]],
    kinds: ["other", "record"],
    takes: [NONE, OPTIONAL],
  },
  "scope.stats": ofNothing((...args: Anything[]) => typeof (scope.stats as Anything)(...args)),
};

/** Their rows. */
export const tensorRows: Family = { exports, returned };
