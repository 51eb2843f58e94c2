/**
 * TensorFlow.js as this example runs it: the parts that it needs, on plain JavaScript, which is the one
 * of its backends without a graphics card that trains convolutions.
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- only who runs this example downloads them
import "npm:@tensorflow/tfjs-backend-cpu@4.22.0";
import * as core from "npm:@tensorflow/tfjs-core@4.22.0";
import * as layers from "npm:@tensorflow/tfjs-layers@4.22.0";
import type { Tf } from "./tensorflow.ts";

/** The library; programs that use the whole of it have `import * as tf from "@tensorflow/tfjs"`. */
export const tf = { ...core, ...layers } as unknown as Tf;
