/** One sum; the arguments are the library, if any, how many numbers, and the code to abort with, if any. */
import { openMpi } from "../../../ops/mpi/mod.ts";
import { report } from "./report.ts";

const [, library = "", length = "1", code] = Deno.args;
const group = await openMpi(library === "" ? undefined : library);
const { rank, size, version } = group;
const sums = await group.allReduce(new Float64Array(Number(length)).fill(rank + 1));
report(rank, { size, version, sum: sums[0], same: sums.every((sum) => sum === sums[0]) });
await group.barrier();
if (code === undefined) await group.finalize();
else group.abort(Number(code));
