import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Absent, type Contender, isAbsent } from "../../bench/contender.ts";
import { inputsOf } from "../../bench/inputs.ts";
import { ofOneShape, type Peer, varied } from "../../bench/peers/varied.ts";
import { atCall, raceWorkloads } from "../../bench/race_workloads.ts";
import { raceTable } from "../../bench/table.ts";
import { channelsOf, operationsOf, workloads } from "../../bench/workloads.ts";

const of = (id: string) => raceWorkloads.find((workload) => workload.id === id)!;

describe("what only races ask", () => {
  it("has names of its own", () => {
    assertEquals(new Set(raceWorkloads.map(({ id }) => id)).size, raceWorkloads.length);
    assert(workloads.every((workload) => raceWorkloads.includes(workload)));
  });

  it("is GDN of 64 to 1024 channels in both formats, with as many operations each", () => {
    const sweep = raceWorkloads.filter(({ from }) => from.startsWith("a sweep over channels"));
    assertEquals(sweep.map(operationsOf), sweep.map(() => 2 * 150_994_944));
    for (const format of ["NHWC", "NCHW"]) {
      assertEquals(
        sweep.filter((workload) => workload.format === format).map(channelsOf),
        [64, 128, 256, 384, 512, 768, 1024],
      );
    }
  });

  it("is tiny calls among other work, on the shapes of the tiny calls in a row", () => {
    const rare = raceWorkloads.filter(({ rare }) => rare);
    assertEquals(rare.map(({ operation }) => operation), ["batchNormInference", "groupNorm"]);
    for (const { id, shape } of rare) assertEquals(shape, of(id.replace("rare ", "")).shape);
  });

  it("is calls with a shape that was not seen before, the largest first", () => {
    const every = raceWorkloads.filter(({ varies }) => varies !== undefined);
    assertEquals(every.map(({ varies }) => varies), ["samples", "width", "width"]);
    for (const workload of every) {
      const shapes = Array.from({ length: 128 }, (_, call) => atCall(workload, call).shape);
      assertEquals(shapes[0], workload.shape);
      assertEquals(new Set(shapes.map(String)).size, 128);
      // Of like sizes, so that a median says something.
      const axis = workload.varies === "samples" ? 0 : 2;
      const extents = shapes.map((shape) => shape[axis]);
      assertEquals([Math.min(...extents), Math.max(...extents)], [128, 255]);
      const error = assertThrows(() => atCall(workload, 128), RangeError) as Error;
      assertEquals(
        error.message,
        `Cannot race ${workload.id}: rounds of all tries must be fewer than 128, as no shape may come twice`,
      );
    }
    assertEquals(atCall(workloads[0], 1000), workloads[0]);
  });

  it("shows no rate where sizes differ", () => {
    const result = { name: "a", peer: true, executor: "here", median: 1, min: 1, error: null };
    const text = raceTable({ workload: of("gdn, new widths"), results: [result], absent: [] });
    assert(!text.includes("/s"));
  });
});

describe("a contender that is given another shape at every call", () => {
  const workload = of("groupNorm 32, new widths");
  const inputs = inputsOf(workload);
  const log: string[] = [];
  const peer: Peer = ({ shape }, { x }) => {
    const [, , width] = shape;
    const form = (name: string): Contender => ({
      name,
      peer: true,
      executor: "here",
      run: () => x,
      dispose: () => void log.push(`end of ${name}: ${shape}`),
    });
    return [
      width === 144 ? { name: "a", absent: "too narrow" } : form("a"),
      { name: "b", absent: "no reason" },
      ...width === 255 ? [] : [form("c")],
    ];
  };

  it("is made again for each, with as much of x, and the others are ended", async () => {
    log.length = 0;
    const [contender, absent] = await varied(peer)(workload, inputs) as Contender[];
    assert(isAbsent(absent));
    assertEquals((await contender.run() as Float32Array).length, 2 * 8 * 255 * 64);
    await contender.prepare!(1);
    assertEquals((await contender.run() as Float32Array).length, 2 * 8 * 218 * 64);
    await contender.prepare!(4);
    await contender.dispose!();
    assertEquals(log, [
      "end of c: 2,8,218,64",
      "end of a: 2,8,255,64",
      "end of c: 2,8,235,64",
      "end of a: 2,8,218,64",
      "end of a: 2,8,235,64",
    ]);
  });

  it("says why it is absent at a later shape, and is ended once", async () => {
    log.length = 0;
    const [contender] = await varied(peer)(workload, inputs) as Contender[];
    await assertRejects(async () => await contender.prepare!(3), Error, "too narrow");
    await contender.dispose!();
    assertEquals(log, ["end of c: 2,8,144,64", "end of a: 2,8,255,64"]);
  });

  it("is left as it is where shapes stay, and absent where it cannot follow", async () => {
    const found = await varied(peer)(workloads[0], inputsOf(workloads[0]));
    assert(!isAbsent(found[0]) && found[0].prepare === undefined);
    const absent: Absent[] = [{ name: "a", absent: "what it runs is made for one shape" }];
    assertEquals(await ofOneShape("a", peer)(workload, inputs), absent);
    assertEquals((await ofOneShape("a", peer)(workloads[0], inputs)).length, 3);
  });
});
