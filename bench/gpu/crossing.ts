/**
 * From what size on the card is the faster, with tensors that stay and with plain arrays, and whether
 * "auto" chooses so.
 *
 * @module
 */
import { aligned, milliseconds } from "../table.ts";
import { elementsOf, type Workload } from "../workloads.ts";
import type { Place } from "./contender.ts";
import type { Card } from "./device.ts";
import { repeatedCheck, repeatedInputs } from "./inputs.ts";
import { AUTO, ours, waysOf } from "./peers/ours.ts";
import { raceOf } from "./race.ts";
import { fitting, type GpuWorkload, largeOf, type Size, workOf } from "./workloads.ts";

/** Milliseconds of a call at one size. */
export interface Point {
  readonly elements: number;
  readonly webgpu: number;
  readonly wasm: number;
  /** With plain arrays. */
  readonly auto?: number;
}

/** An op over all sizes. */
export interface Crossing {
  readonly op: string;
  readonly place: Place;
  readonly device: string;
  readonly points: readonly Point[];
}

/** Small workloads, which are repeated by powers of four. */
const OPS: readonly Workload[] = (["groupNorm", "gdn"] as const).map((operation) => ({
  id: operation,
  operation,
  shape: [1, 4, 4, operation === "gdn" ? 192 : 64],
  format: "NHWC",
  from: "",
}));
const STEP = 4;
/** The largest numbers of repeats, as powers of the step. */
const LAST = { full: 7, quick: 3 };

/** The ops that are asked for. */
export function crossingOps(chosen: (id: string) => boolean): readonly Workload[] {
  return OPS.filter(({ id }) => chosen(`crossing ${id}`));
}

/** Measures an op over all sizes that fit. A failure of this library is an error. */
export async function crossingsOf(
  small: Workload,
  card: Card,
  size: Size,
  rounds: number,
): Promise<Crossing[]> {
  const points: Record<Place, Point>[] = [];
  for (let power = 0; power <= LAST[size]; power++) {
    const repeats = STEP ** power;
    if (fitting(repeats, 4 * elementsOf(small), card.largest) < repeats) break;
    points.push(await pointsOf(card, { id: small.id, small, repeats }, rounds));
  }
  return (["stays", "copies"] as const).map((place) => ({
    op: small.id,
    place,
    device: card.name,
    points: points.map((point) => point[place]),
  }));
}

async function pointsOf(
  card: Card,
  workload: GpuWorkload,
  rounds: number,
): Promise<Record<Place, Point>> {
  const large = largeOf(workload);
  const inputs = repeatedInputs(workload);
  const { results, failed } = await raceOf({
    id: workload.id,
    counted: "",
    work: workOf(workload),
    contenders: await ours([...waysOf(card), AUTO], large, inputs),
    check: repeatedCheck(workload),
  }, rounds);
  if (failed.length > 0) {
    throw new Error(`Cannot find where the card is faster: ${failed[0].absent}`);
  }
  const timeOf = (backend: string, place: Place) =>
    results.find((one) => one.name === `kernorm ${backend}` && one.place === place)!.median;
  const pointOf = (place: Place): Point => ({
    elements: elementsOf(large),
    webgpu: timeOf("webgpu", place),
    wasm: timeOf("wasm", place),
  });
  return {
    stays: pointOf("stays"),
    copies: { ...pointOf("copies"), auto: timeOf("auto", "copies") },
  };
}

/** The least number of elements from which on webgpu is the faster at every size, if there is one. */
export function crossingOf(points: readonly Point[]): number | undefined {
  const lastSlower = points.findLastIndex(({ webgpu, wasm }) => webgpu >= wasm);
  return points[lastSlower + 1]?.elements;
}

/** What "auto" takes as a multiple of the faster of the two, if it took part. */
export function autoRatio({ webgpu, wasm, auto }: Point): number | undefined {
  return auto === undefined ? undefined : auto / Math.min(webgpu, wasm);
}

/** An op over all sizes as a table. */
export function crossingTable({ op, place, device, points }: Crossing): string {
  const crossing = crossingOf(points);
  const head = place === "stays"
    ? ["elements", "webgpu ms", "wasm ms", "", ""]
    : ["elements", "webgpu ms", "wasm ms", "auto ms", "auto to the faster"];
  const rows = points.map((point) => [
    String(point.elements),
    milliseconds(point.webgpu),
    milliseconds(point.wasm),
    point.auto === undefined ? "" : milliseconds(point.auto),
    ratioText(point),
  ]);
  const where = crossing === undefined
    ? "wasm is the faster up to the largest"
    : `webgpu is the faster from ${crossing} elements on`;
  const tensors = place === "stays" ? "tensors that stay" : "plain arrays in and out";
  return [`${op}, ${tensors}, on ${device}: ${where}`, ...aligned([head, ...rows])].join("\n");
}

function ratioText(point: Point): string {
  const ratio = autoRatio(point);
  return ratio === undefined ? "" : `${ratio.toFixed(2)}x`;
}
