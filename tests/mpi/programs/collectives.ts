/** Every collective, what it gives and what it refuses. An argument besides is the library. */
import { openMpi } from "../../../ops/mpi/mod.ts";
import { awkward, errorOf } from "./shared.ts";
import { report } from "./report.ts";

const group = await openMpi(Deno.args[1]);
const { rank, size, version } = group;
const last = size - 1;

const part = Float64Array.from({ length: 2 * rank }, (_, i) => rank + i / 10);
const gathering = group.allGather(part);
part.fill(NaN); // read before the call returned
const gathered = (await gathering).map((values) => [...values]);
const nothing = (await group.allGather(new Float64Array(0))).map(({ length }) => length);

const single = Float32Array.from(awkward(rank));
const sums32 = await group.allReduce(single);
const sums64 = await group.allReduce(awkward(rank));
const none = await group.allReduce(new Float32Array(0));

// One call after another, whoever waits for what.
const queued = await Promise.all([
  group.allReduce(Float64Array.of(1)),
  group.allGather(Float64Array.of(rank)),
  group.barrier(),
  group.allReduce(Float32Array.of(2)),
]);

let ticks = 0;
const timer = setInterval(() => ticks++, 10);
if (rank === 0) await new Promise((resolve) => setTimeout(resolve, 300));
const before = Date.now();
await group.barrier();
const waited = Date.now() - before;
clearInterval(timer);

const lengths = await errorOf(() => group.allReduce(new Float32Array(rank === last ? 5 : 4)));
const types = await errorOf(() =>
  group.allReduce(rank === last ? new Float64Array(4) : new Float32Array(4))
);
const calls = await errorOf(() =>
  rank === last ? group.barrier() : group.allGather(new Float64Array(1))
);
const [afterwards] = await group.allReduce(Float64Array.of(rank));

const second = await errorOf(() => openMpi(Deno.args[1]));
await group.finalize();
await group.finalize();
const used = await errorOf(() => group.barrier());

report(rank, {
  rank,
  size,
  version,
  gathered,
  nothing,
  unchanged: single.every((value, i) => value === Math.fround(awkward(rank)[i])),
  kinds: [sums32, sums64].map(({ BYTES_PER_ELEMENT }) => BYTES_PER_ELEMENT),
  sums32: [...sums32],
  sums64: [...sums64],
  none: none.length,
  queued: [queued[0][0], queued[1].map(([value]) => value), queued[3][0]],
  ticks,
  waited,
  lengths,
  types,
  calls,
  afterwards,
  second,
  used,
});
