import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Race, Result } from "../../bench/result.ts";
import { chosenAgain, type Run } from "../../bench/races.ts";
import { steadyRaces } from "../../bench/readme.ts";
import { disturbedIn, untilSteady } from "../../bench/steady.ts";
import { raceTable } from "../../bench/table.ts";
import { workloads } from "../../bench/workloads.ts";

const result = (name: string, median: number, min = median): Result => ({
  name,
  peer: false,
  executor: "somewhere",
  median,
  min,
  error: null,
});
const ids = ["gdn 1x64x64x192 NHWC", "layerNorm 512x768", "rmsNorm 512x2048"];
const [gdn, layerNorm, rmsNorm] = ids.map((id) => workloads.find((one) => one.id === id)!);
const raceOf = (workload: Race["workload"], disturbed?: readonly string[]): Race => ({
  workload,
  results: [result("kernorm wasm", 7), result("copy, fresh memory", 3, 1)],
  absent: [],
  ...(disturbed && { disturbed }),
});
const runOf = (...races: Race[]): Run => ({
  machine: { date: "2026-01-02", cpu: "a cpu", cores: 2, deno: "2.9.6", v8: "15", gpujs: "2.24.1" },
  races,
});

describe("rows that other work disturbs", () => {
  it("are those whose medians are far from their fastest rounds, and do not come out alike twice", () => {
    const steady = result("a", 2, 1);
    const disturbed = result("b", 2.1, 1);
    assertEquals(disturbedIn([steady, disturbed]), ["b"]);
    assertEquals(disturbedIn([steady, disturbed], [result("b", 1.5)]), ["b"]);
    assertEquals(disturbedIn([steady, disturbed], [result("b", 1.9)]), []);
    assertEquals(disturbedIn([steady, disturbed], [result("b", 2.4)]), []);
    assertEquals(disturbedIn([steady, disturbed], [result("a", 2.1)]), ["b"]);
  });

  it("are run again until they are steady, and no longer", async () => {
    const tries = [[result("a", 5, 1)], [result("a", 3, 1)], [result("a", 1.5, 1)]];
    const told: (readonly string[])[] = [];
    let runs = 0;
    const found = await untilSteady(
      5,
      () => Promise.resolve(tries[runs++]),
      (disturbed) => told.push(disturbed),
    );
    assertEquals([runs, found], [3, { results: tries[2], disturbed: [] }]);
    assertEquals(told, [["a"], ["a"]]);
  });

  it("are given up after as many tries as allowed, and say so", async () => {
    let runs = 0;
    const found = await untilSteady(2, () => Promise.resolve([result("a", 5 * ++runs, 1)]));
    assertEquals([runs, found.disturbed], [2, ["a"]]);
    const text = raceTable(raceOf(gdn, ["copy, fresh memory"]));
    assertEquals(
      text.split("\n").at(-1),
      "  disturbed by other work: copy, fresh memory",
    );
  });

  it("are not published", () => {
    const whole = runOf(raceOf(gdn, []), raceOf(layerNorm, []));
    assertEquals(steadyRaces(whole), whole.races);
    const error = assertThrows(
      () => steadyRaces(runOf(raceOf(gdn, []), raceOf(layerNorm, ["copy, fresh memory"]))),
      Error,
    ) as Error;
    assertEquals(
      error.message,
      "Cannot publish the run: its rows must be steady, got layerNorm 512x768 (copy, fresh memory). Run " +
        "`deno task bench race --json=file --again` on a quiet machine",
    );
    // An older file does not say which rows were disturbed.
    assertThrows(() => steadyRaces(runOf(raceOf(gdn))), Error, "its rows must be steady, got gdn");
  });

  it("are those, with those that are missing, that --again runs", () => {
    const run = runOf(raceOf(gdn, []), raceOf(layerNorm, ["copy, fresh memory"]));
    assertEquals(chosenAgain([gdn, layerNorm, rmsNorm], run, run.machine), [layerNorm, rmsNorm]);
    assertThrows(
      () => chosenAgain([gdn], run, { ...run.machine, cpu: "another" }),
      Error,
      "Cannot run again: the file must be of this machine and these versions, got a cpu, Deno 2.9.6",
    );
  });
});
