/** The moments of a folder of pictures, as the example takes them. */
import { measured } from "../../../examples/dataset_moments.ts";
import { openMpi } from "../../../ops/mpi/mod.ts";

const [, folder, path, unreadable] = Deno.args;
await using group = await openMpi();
await measured(group, folder, path, Number(unreadable));
