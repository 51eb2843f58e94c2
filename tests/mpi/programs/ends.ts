/** The last rank ends in the way that an argument names. The next one may be the library. */
import { openMpi } from "../../../ops/mpi/mod.ts";
import { report } from "./report.ts";
import { errorOf } from "./shared.ts";

const [, how, library] = Deno.args;
const group = await openMpi(library);
const { rank, size } = group;
const odd = rank === size - 1;

async function work(): Promise<void> {
  for (let step = 0; step < 4; step++) {
    if (odd && step === 2) await leave();
    await group.allReduce(new Float32Array(4));
  }
}

function fail(): never {
  throw new Error("the odd replica throws");
}

async function leave(): Promise<void> {
  if (how === "kill") Deno.kill(Deno.pid, "SIGKILL");
  else if (how === "throw" || how === "using") fail();
  else if (how === "timer") {
    setTimeout(fail, 20);
    await new Promise((resolve) => setTimeout(resolve, 500));
  } else if (how === "exit") Deno.exit(0);
  else if (how === "abort") group.abort(7);
}

if (how === "using") {
  await using _ended = group;
  await work();
} else if (how === "early") {
  if (!odd) await work();
} else if (how === "caught") {
  const end = odd ? () => group.finalize() : work;
  report(rank, [await errorOf(end), await errorOf(() => group.barrier())]);
} else if (how === "exit after") {
  await work();
  await group.finalize();
  report(rank, "came to its end");
  Deno.exit(0);
} else if (how === "throw after") {
  await work();
  await group.finalize();
  if (odd) fail();
} else if (how === "waiting") {
  // The others do not come to the barrier while the odd one waits there.
  if (odd) setTimeout(fail, 200);
  else await new Promise((resolve) => setTimeout(resolve, 5000));
  await group.barrier();
} else {
  await work();
  report(rank, "came to its end");
}
